using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Verify.Engine.Dirty;

/// <summary>Vectorised search for words that differ from all-zero or all-one.</summary>
/// <remarks>
/// The loads are plain and may race with setters, on purpose. A set that returned before the scan began is in the word or behind it in coherence
/// order, so it is seen; one that runs beside the scan may be missed and stays set for the next one. Nothing is ever cleared by what a scan saw:
/// whoever clears does so with one interlocked exchange of the word.
/// </remarks>
[RacesOnPurpose("a bit set beside the scan stays set for the next one, and nothing is cleared by what a scan saw")]
internal static unsafe class BitScan
{
    /// <summary>A word with the lowest <paramref name="bits"/> bits set, for 0 to 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong LowMask(int bits) => bits >= 64 ? ~0UL : (1UL << bits) - 1;

    /// <summary>Index of the first word in [from, to) that is not <paramref name="value"/>, or <paramref name="to"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long NextNot(ulong* words, long from, long to, ulong value)
    {
        // The common near hit, before the vector loop's set-up.
        if (from < to && words[from] != value)
            return from;
        return NextNotFar(words, from, to, value);
    }

    private static long NextNotFar(ulong* words, long from, long to, ulong value)
    {
        long i = from;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<ulong> expected = Vector256.Create(value);
            for (; i + 16 <= to; i += 16)
            {
                Vector256<ulong> d0 = (Vector256.LoadUnsafe(ref words[i]) ^ expected) | (Vector256.LoadUnsafe(ref words[i + 4]) ^ expected);
                Vector256<ulong> d1 = (Vector256.LoadUnsafe(ref words[i + 8]) ^ expected) | (Vector256.LoadUnsafe(ref words[i + 12]) ^ expected);
                if ((d0 | d1) != Vector256<ulong>.Zero)
                    break;
            }
        }
        else
        {
            for (; i + 4 <= to; i += 4)
            {
                if (((words[i] ^ value) | (words[i + 1] ^ value) | (words[i + 2] ^ value) | (words[i + 3] ^ value)) != 0)
                    break;
            }
        }
        for (; i < to; i++)
        {
            if (words[i] != value)
                return i;
        }
        return to;
    }

    /// <summary>Index of the first word in [from, to) with a bit of <paramref name="mask"/> set, or <paramref name="to"/>.</summary>
    public static long NextMasked(ulong* words, long from, long to, ulong mask)
    {
        long i = from;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<ulong> wanted = Vector256.Create(mask);
            for (; i + 16 <= to; i += 16)
            {
                Vector256<ulong> any = Vector256.LoadUnsafe(ref words[i]) | Vector256.LoadUnsafe(ref words[i + 4]) |
                                       Vector256.LoadUnsafe(ref words[i + 8]) | Vector256.LoadUnsafe(ref words[i + 12]);
                if ((any & wanted) != Vector256<ulong>.Zero)
                    break;
            }
        }
        for (; i < to; i++)
        {
            if ((words[i] & mask) != 0)
                return i;
        }
        return to;
    }

    /// <summary>Index of the first word in [from, to) without all bits of <paramref name="mask"/>, or <paramref name="to"/>.</summary>
    public static long NextIncomplete(ulong* words, long from, long to, ulong mask)
    {
        long i = from;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<ulong> wanted = Vector256.Create(mask);
            for (; i + 16 <= to; i += 16)
            {
                Vector256<ulong> all = Vector256.LoadUnsafe(ref words[i]) & Vector256.LoadUnsafe(ref words[i + 4]) &
                                       Vector256.LoadUnsafe(ref words[i + 8]) & Vector256.LoadUnsafe(ref words[i + 12]);
                if ((all & wanted) != wanted)
                    break;
            }
        }
        for (; i < to; i++)
        {
            if ((words[i] & mask) != mask)
                return i;
        }
        return to;
    }

    /// <summary>As <see cref="NextNot"/> with 0, over a span.</summary>
    public static int NextNonZero(ReadOnlySpan<ulong> words, int from, int to)
    {
        if (from >= to)
            return to;
        fixed (ulong* p = &MemoryMarshal.GetReference(words[..to]))
            return (int)NextNot(p, from, to, 0);
    }
}
