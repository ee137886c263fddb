using Verify.Engine.Guest;

namespace Verify.Engine.Translation;

/// <summary>The front end: guest instructions from one pc on, decoded into ops until the block ends.</summary>
public static unsafe class Translator
{
    /// <summary>Longest block in instructions; <see cref="Op.Offset"/> counts half-words in a byte.</summary>
    public const int MaxInstructions = 64;

    /// <param name="at">Of the first instruction. Its pages have been announced by <see cref="GuestRam.MarkCode"/>.</param>
    /// <param name="maxInstructions">1 to <see cref="MaxInstructions"/>.</param>
    /// <returns>The ops; a block that was cut short ends with <see cref="Opcode.Continue"/>.</returns>
    public static Op[] Translate<TMemory>(GuestRam ram, CodeAddress at, int maxInstructions)
        where TMemory : struct, IGuestMemory
    {
        TMemory memory = default;
        Span<Op> ops = stackalloc Op[MaxInstructions + 1];
        byte* code = ram.HostOf(at.Physical);
        int count = 0, offset = 0, left = at.BytesInPage;
        while (true)
        {
            ushort low = memory.Load16(code + offset);
            Op op;
            if (!CodeAddress.IsLong(low))
            {
                op = CompressedDecoder.Decode(low);
            }
            else if (left >= 4)
            {
                op = Decoder.Decode(low | ((uint)memory.Load16(code + offset + 2) << 16));
            }
            else if (count == 0 && at.SpansTwoPages)
            {
                op = Decoder.Decode(low | ((uint)memory.Load16(ram.HostOf(at.SecondPage)) << 16));
            }
            else
            {
                op = new Op { Code = Opcode.Continue }; // the next block starts with it
            }

            op.Offset = (byte)(offset / 2);
            ops[count++] = op;
            offset += op.Length;
            left -= op.Length;
            if (op.Code == Opcode.Continue || Decoder.EndsBlock(op.Code))
            {
                return ops[..count].ToArray();
            }

            if (count == maxInstructions || left <= 0)
            {
                ops[count] = new Op { Code = Opcode.Continue, Offset = (byte)(offset / 2), Rd = Op.Sink };
                return ops[..(count + 1)].ToArray();
            }
        }
    }
}
