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

    /// <summary>Decodes from the builder's position to the end of the block or of the page.</summary>
    /// <param name="page">Physical page of the position. Its lock is held, and it has been announced by <see cref="GuestRam.MarkCode"/>.</param>
    /// <returns>False if the block goes on in the page that follows.</returns>
    public static bool Translate<TMemory>(GuestRam ram, ref BlockBuilder block, int page)
        where TMemory : struct, IGuestMemory
    {
        byte* bytes = ram.Bytes + ((long)page << GuestRam.PageBits);
        do
        {
            Op op = Decoder.Decode(default(TMemory).Load32(bytes + (block.NextPc & (GuestRam.PageSize - 1))));
            block.Add(op, 4);
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
        while ((block.NextPc & (GuestRam.PageSize - 1)) != 0);

        return false;
    }
}

/// <summary>A block while it is translated.</summary>
/// <param name="ops">Room for <paramref name="maxInstructions"/> ops and one more.</param>
/// <param name="pc">Of the first instruction.</param>
/// <param name="maxInstructions">1 to <see cref="Translator.MaxInstructions"/>.</param>
public ref struct BlockBuilder(Span<Op> ops, ulong pc, int maxInstructions)
{
    private readonly Span<Op> _ops = ops;
    private int _count;

    /// <summary>Guest bytes so far.</summary>
    public int Size { get; private set; }

    public readonly ulong NextPc => pc + (ulong)Size;

    public readonly bool IsFull => _count == maxInstructions;

    public readonly ReadOnlySpan<Op> Ops => _ops[.._count];

    /// <param name="length">Bytes of the instruction.</param>
    public void Add(Op op, int length)
    {
        op.Offset = (byte)(Size / 2);
        _ops[_count++] = op;
        Size += length;
    }

    /// <summary>Ends the block before its natural end: it goes on at the next pc through jump slot 0.</summary>
    public void Cut() => _ops[_count++] = new Op { Code = Opcode.Continue, Offset = (byte)(Size / 2), Rd = Op.Sink };
}
