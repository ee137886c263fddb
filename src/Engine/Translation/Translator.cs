using Verify.Engine.Guest;

namespace Verify.Engine.Translation;

/// <summary>The front end: guest instructions from one pc on, decoded into ops until the block ends.</summary>
/// <remarks>
/// Works page by page, because the lock of the second page is taken only when it is needed: translate on the first page, and if the block goes
/// on, translate on the second with the same builder.
/// </remarks>
public static unsafe class Translator
{
    /// <summary>Longest block in instructions; <see cref="Op.Offset"/> counts half-words in a byte.</summary>
    public const int MaxInstructions = 64;

    /// <summary>Decodes from the builder's position to the end of the block or of what is known of its pages.</summary>
    /// <param name="page0">Physical page of the block's pc. Its lock is held, and it has been announced by <see cref="GuestRam.MarkCode"/>.</param>
    /// <param name="page1">The same of the page that follows in virtual memory, or -1 if that page may not be read yet.</param>
    /// <returns>False if the block, or the instruction at its position, goes on in a page that may not be read.</returns>
    public static bool Translate<TMemory>(GuestRam ram, ref BlockBuilder block, int page0, int page1)
        where TMemory : struct, IGuestMemory
    {
        TMemory memory = default;
        byte* first = ram.HostOfPage(page0);
        byte* second = page1 < 0 ? null : ram.HostOfPage(page1);
        while (At(ref block, first, second, 0) is var at && at != null)
        {
            bool isWhole = ((nuint)at & 3) == 0; // four bytes in one page, read at once
            uint word = isWhole ? memory.Load32(at) : memory.Load16(at);
            Op op;
            if (!CodeAddress.IsLong((ushort)word))
            {
                op = CompressedDecoder.Decode((ushort)word);
            }
            else if (isWhole)
            {
                op = Decoder.Decode(word);
            }
            else if (At(ref block, first, second, 2) is var rest && rest != null)
            {
                op = Decoder.Decode(word | ((uint)memory.Load16(rest) << 16));
            }
            else
            {
                return false;
            }

            block.Add(op);
            if (Decoder.EndsBlock(op.Code))
            {
                return true;
            }

            if (block.IsFull)
            {
                block.Cut();
                return true;
            }
        }

        return false;
    }

    private static byte* At(ref BlockBuilder block, byte* first, byte* second, int ahead)
    {
        ulong at = (block.Pc & (GuestRam.PageSize - 1)) + (ulong)(block.Size + ahead);
        return at < GuestRam.PageSize ? first + at : second == null || at >= 2 * GuestRam.PageSize ? null : second + (at - GuestRam.PageSize);
    }
}

/// <summary>A block while it is translated.</summary>
/// <param name="ops">Room for <paramref name="maxInstructions"/> ops and one more.</param>
/// <param name="pc">Of the first instruction.</param>
/// <param name="maxInstructions">1 to <see cref="Translator.MaxInstructions"/>.</param>
public ref struct BlockBuilder(Span<Op> ops, ulong pc, int maxInstructions)
{
    private readonly Span<Op> _ops = ops;
    private int _max = maxInstructions;
    private int _count;

    public readonly ulong Pc => pc;

    /// <summary>Guest bytes so far.</summary>
    public int Size { get; private set; }

    public readonly ulong NextPc => pc + (ulong)Size;

    public readonly bool IsFull => _count >= _max;

    public readonly ReadOnlySpan<Op> Ops => _ops[.._count];

    public void Add(Op op)
    {
        op.Offset = (byte)(Size / 2);
        _ops[_count++] = op;
        Size += op.Length;
    }

    /// <summary>Ends the block after <paramref name="instructions"/>, if that is sooner.</summary>
    public void Limit(int instructions) => _max = Math.Min(_max, instructions);

    /// <summary>Ends the block before its natural end: it goes on at the next pc through jump slot 0.</summary>
    public void Cut() => _ops[_count++] = new Op { Code = Opcode.Continue, Offset = (byte)(Size / 2), Rd = Op.Sink };
}
