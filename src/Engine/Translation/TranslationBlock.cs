namespace Verify.Engine.Translation;

/// <summary>Descriptor of a translation block: one slot of the <see cref="CodeArena"/>, QEMU's <c>struct TranslationBlock</c>.</summary>
/// <remarks>Everything here is under TbLock. A pointer to it says nothing about which block it describes: compare generations.</remarks>
public sealed class TranslationBlock(int index)
{
    /// <summary>Number of the slot, from 0; never changes.</summary>
    public int Index { get; } = index;

    /// <summary>Incremented each time the slot is handed out; 0 before the first time.</summary>
    public ulong Generation { get; private set; }

    /// <summary>Guest address of the first instruction.</summary>
    public ulong Pc { get; private set; }

    /// <summary>Guest physical address of the first instruction.</summary>
    public ulong Physical { get; private set; }

    /// <summary>Guest bytes translated, a multiple of 2.</summary>
    public int Size { get; private set; }

    public TbFlags Flags { get; private set; }

    /// <summary>The invalid mark (QEMU 2.7 <c>tb->invalid</c>): set by invalidation and flush, and lost when the slot is handed out again.</summary>
    public bool Invalid { get; private set; }

    /// <summary>The code that now lives in this slot.</summary>
    public TbCode Code { get; private set; } = null!;

    /// <summary>Head of the list of jumps that lead here.</summary>
    internal TbJump IncomingFirst;

    // jmp_dest[2] and jmp_list_next[2]: where exit n leads, and the next jump on that destination's incoming list.
    internal TranslationBlock? Destination0, Destination1;
    internal TbJump IncomingNext0, IncomingNext1;

    internal TranslationBlock? NextInHash;
    internal TranslationBlock? NextInPage;

    /// <summary>Constructs a new block in the slot, whatever was there. Its invalid mark and links are reset with everything else.</summary>
    internal void Construct(ulong pc, ulong physical, TbMode mode, int size, TbFlags flags, Guest.Op[] ops)
    {
        Generation++;
        Pc = pc;
        Physical = physical;
        Size = size;
        Flags = flags;
        Invalid = false;
        IncomingFirst = IncomingNext0 = IncomingNext1 = default;
        Destination0 = Destination1 = NextInHash = NextInPage = null;
        Code = new TbCode(this, Generation, pc, mode, ops);
    }

    /// <summary>Sets the invalid mark. Only constructing a new block over this one takes it away.</summary>
    public void MarkInvalid() => Invalid = true;

    internal TranslationBlock? Destination(int n) => n == 0 ? Destination0 : Destination1;

    internal TbJump IncomingNext(int n) => n == 0 ? IncomingNext0 : IncomingNext1;

    internal void SetOutgoing(int n, TranslationBlock? destination, TbJump next)
    {
        if (n == 0)
        {
            (Destination0, IncomingNext0) = (destination, next);
        }
        else
        {
            (Destination1, IncomingNext1) = (destination, next);
        }
    }

    public override string ToString() => $"slot {Index} generation {Generation} (pc 0x{Pc:x}{(Invalid ? ", invalid" : "")})";
}

/// <summary>Exit <paramref name="N"/> of block <paramref name="Origin"/>; the default value ends a list.</summary>
internal readonly record struct TbJump(TranslationBlock? Origin, int N);

[Flags]
public enum TbFlags
{
    None = 0,

    /// <summary>Translated for one execution: in no cache, never linked (QEMU CF_NOCACHE).</summary>
    NoCache = 1,
}
