using System.Numerics;
using System.Runtime.CompilerServices;

namespace Verify.Engine.Dirty;

/// <summary>Eight one-byte page flags in a host word.</summary>
public static class FlagWords
{
    public const ulong Ones = 0x0101_0101_0101_0101;

    /// <summary>Bits no client owns, always set, so that a page dirty for every client reads 0xff.</summary>
    public const byte Unowned = unchecked((byte)~DirtyClients.All);

    /// <summary>The byte in each byte of a word (unroll_flags_to_ul, with the host's word size).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Unroll(byte flags) => flags * Ones;

    /// <summary>The byte that sets these clients: 0xff for all.</summary>
    public static byte SetByte(DirtyClients clients) => clients == DirtyClients.All ? (byte)0xff : (byte)clients;

    /// <summary>0x80 in each byte that is 0, exactly.</summary>
    public static ulong ZeroBytes(ulong word) => ~(((word & ~(Ones << 7)) + ~(Ones << 7)) | word | ~(Ones << 7));

    /// <summary>How many bytes are 0xff.</summary>
    public static int CountFull(ulong word) => BitOperations.PopCount(ZeroBytes(~word));

    /// <summary>Bit i of the result is bit <paramref name="bit"/> of byte i.</summary>
    public static ulong Gather(ulong word, int bit) => ((word >> bit) & Ones) * 0x0102_0408_1020_4080 >> 56;

    /// <summary>1 in byte i of the result for each set bit i of the lowest eight.</summary>
    public static ulong Spread(ulong bits)
    {
        ulong one = ((bits & 0xff) * Ones) & 0x8040_2010_0804_0201;
        return ((one + ~(Ones << 7)) >> 7) & Ones;
    }

    /// <summary>0xff in the bytes of word <paramref name="word"/> whose pages lie in the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Inside(PageRange range, long word)
    {
        ulong mask = ~0UL;
        long first = word << 3;
        if (first < range.Start)
            mask <<= (int)(range.Start - first) * 8;
        if (first + 8 > range.End)
            mask &= BitScan.LowMask((int)(range.End - first) * 8);
        return mask;
    }
}
