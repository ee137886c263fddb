namespace Verify.Checker.MemoryModels;

/// <summary>Takes a state number by number.</summary>
internal interface IStateSink
{
    void Put(ulong number);
}

/// <summary>What stands for values, the same in every interleaving of the same thread histories.</summary>
internal interface IStableValues
{
    /// <param name="message">A write.</param>
    /// <param name="location">The location it is to.</param>
    ulong ValueOf(int message, int location);
}

/// <summary>A 128-bit hash of a sequence of numbers: two multiplicative streams with different odd factors, mixed at the end.</summary>
/// <remarks>Two of a million different states collide with a probability below 2^-88; a collision would only skip what follows a state.</remarks>
internal sealed class StateHash : IStateSink
{
    private ulong _low;
    private ulong _high;

    internal UInt128 Value => new(Mix(_high ^ (_low >> 32)), Mix(_low));

    internal void Clear()
    {
        _low = 0x9E3779B97F4A7C15;
        _high = 0xD1B54A32D192ED03;
    }

    public void Put(ulong number)
    {
        _low = (_low ^ Mix(number)) * 0x9FB21C651E98DF25;
        _low ^= _low >> 29;
        _high = (_high + Mix(number ^ 0xA5A5A5A5A5A5A5A5)) * 0xC2B2AE3D27D4EB4F;
        _high ^= _high >> 31;
    }

    internal static ulong Mix(ulong number) => new SplitMix64(number).Next();
}
