using Verify.Engine.Guest;

namespace Verify.Engine.Translation;

/// <summary>The front end: guest instructions from one pc on, decoded into ops until the block ends.</summary>
public static unsafe class Translator
{
    /// <summary>Longest block in instructions; <see cref="Op.Offset"/> counts half-words in a byte.</summary>
    public const int MaxInstructions = 64;

    /// <param name="pc">4-byte aligned, inside RAM. The page has been announced by <see cref="GuestRam.MarkCode"/>.</param>
    /// <param name="maxInstructions">1 to <see cref="MaxInstructions"/>.</param>
    /// <returns>The ops; a block that was cut short ends with <see cref="Opcode.Continue"/>.</returns>
    public static Op[] Translate<TMemory>(GuestRam ram, ulong pc, int maxInstructions)
        where TMemory : struct, IGuestMemory
    {
        Span<Op> ops = stackalloc Op[MaxInstructions + 1];
        ulong offset = pc - ram.Start;
        int count = 0;
        while (true)
        {
            Op op = Decoder.Decode(default(TMemory).Load32(ram.Bytes + offset));
            op.Offset = (byte)(2 * count);
            ops[count++] = op;
            offset += 4;
            if (Decoder.EndsBlock(op.Code))
            {
                return ops[..count].ToArray();
            }

            if (count == maxInstructions || offset % GuestRam.PageSize == 0)
            {
                ops[count] = new Op { Code = Opcode.Continue, Offset = (byte)(2 * count), Rd = Op.Sink };
                return ops[..(count + 1)].ToArray();
            }
        }
    }
}
