using Verify.Engine.Backends.X64;
using Verify.Engine.Guest;

namespace Verify.Engine.Translation;

/// <summary>The code of a translation block: what a vCPU executes, with the two branch targets that chaining patches.</summary>
/// <remarks>
/// The descriptor (<see cref="TranslationBlock"/>) is a slot that is recycled; this object is not. A vCPU that still runs old code follows the
/// old object's targets until its chain ends, and the garbage collector is the grace period. Races.md TB05 therefore costs no memory safety here.
/// </remarks>
public sealed class TbCode(TranslationBlock slot, ulong generation, ulong pc, TbFlags mode, Op[] ops, long position)
{
    /// <summary>
    /// Branch targets, null while not chained. Written under the destination's jump lock by whoever has claimed the exit; followed without.
    /// </summary>
    public TbCode? Target0;

    /// <inheritdoc cref="Target0"/>
    public TbCode? Target1;

    /// <summary>The descriptor this code was made for. It may describe another block by now.</summary>
    public TranslationBlock Slot { get; } = slot;

    /// <summary>Generation of the slot when this code was made.</summary>
    public ulong Generation { get; } = generation;

    /// <summary>Guest address of the first instruction.</summary>
    public ulong Pc { get; } = pc;

    /// <summary>Of <see cref="TbFlags"/>, the mode of the hart it was translated for.</summary>
    public TbFlags Mode { get; } = mode;

    /// <summary>At least one op; the last one leaves the block.</summary>
    public Op[] Ops { get; } = ops;

    /// <summary>Host position of the first op; op <c>i</c> is at <c>Position + i</c>. See <see cref="CodeArena.FindCode"/>.</summary>
    public long Position { get; } = position;

    /// <summary>Guest instructions retired by running the block to its end.</summary>
    public int InstructionCount { get; } = ops[^1].Code == Opcode.Continue ? ops.Length - 1 : ops.Length;

    /// <summary>Its machine code, or null if it is interpreted. Set once, before the block is published.</summary>
    internal NativeCode? Native { get; set; }

    /// <summary>A look-up may return this code: its block is not marked invalid. Nothing is in a jump cache longer than its slot lasts.</summary>
    public bool IsUsable => !Slot.Invalid;

    /// <summary>Makes exit <paramref name="n"/> branch to <paramref name="target"/>, or back to the main loop. One aligned store (TB25).</summary>
    public void SetTarget(int n, TbCode? target)
    {
        if (Native != null)
        {
            Native.SetTarget(n, target);
        }
        else if (n == 0)
        {
            Volatile.Write(ref Target0, target); // Pairs with the interpreter's read of the target at the end of a block.
        }
        else
        {
            Volatile.Write(ref Target1, target);
        }
    }

    public override string ToString() => $"pc 0x{Pc:x} in slot {Slot.Index} generation {Generation}";
}
