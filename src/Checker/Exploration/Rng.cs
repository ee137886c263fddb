namespace Verify.Checker.Exploration;

/// <summary>xoshiro256** seeded through SplitMix64: the same numbers everywhere, and far and near seeds are independent streams.</summary>
/// <remarks>Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 2021.</remarks>
public sealed class Rng
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Stream number <paramref name="stream"/> of <paramref name="seed"/>.</summary>
    public Rng(ulong seed, ulong stream = 0)
    {
        // The stream is hashed before it is combined, so that (seed, i + 1) is not (seed + 1, i): Coyote's seeds overlap in that way.
        ulong state = SplitMix(seed) ^ SplitMix(SplitMix(stream ^ 0x9E3779B97F4A7C15) + 0xD1B54A32D192ED03);
        _s0 = Next(ref state);
        _s1 = Next(ref state);
        _s2 = Next(ref state);
        _s3 = Next(ref state);
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = ulong.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = ulong.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, bound), without bias. <paramref name="bound"/> must be positive.</summary>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);

        // Lemire, "Fast Random Integer Generation in an Interval", 2019.
        ulong product = (NextUInt64() >> 32) * (ulong)bound;
        if ((uint)product < (uint)bound)
        {
            uint threshold = (uint)-bound % (uint)bound;
            while ((uint)product < threshold)
            {
                product = (NextUInt64() >> 32) * (ulong)bound;
            }
        }

        return (int)(product >> 32);
    }

    private static ulong Next(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        return SplitMix(state);
    }

    private static ulong SplitMix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
