namespace Verify.Checker.MemoryModels;

/// <summary>Random stale reads and delayed writes, with rates drawn anew for every execution.</summary>
/// <remarks>
/// Delaying a write lets the others run at smaller times, which gives long causal chains past it; placing later writes early would not.
/// Hence random exploration goes with <see cref="Placement.Delays"/>, exhaustive search with slots.
/// </remarks>
public sealed class RandomWeakChoices : IWeakChoices
{
    private static readonly double[] Rates = [0, 1.0 / 16, 1.0 / 4, 1.0 / 2];
    private static readonly int[] Delays = [4, 16, 64];

    private SplitMix64 _random;

    public RandomWeakChoices(ulong seed)
    {
        _random = new SplitMix64(seed);
        NextExecution();
    }

    /// <summary>pS: how often a read chooses among all admissible writes.</summary>
    public double StaleRate { get; set; }

    /// <summary>pD: how often a write is delayed.</summary>
    public double DelayRate { get; set; }

    /// <summary>D: longest delay, in steps; capped by the machine's own.</summary>
    public int MaxDelay { get; set; }

    /// <summary>Draws new rates.</summary>
    public void NextExecution()
    {
        StaleRate = Rates[_random.Below(Rates.Length)];
        DelayRate = Rates[_random.Below(Rates.Length)];
        MaxDelay = Delays[_random.Below(Delays.Length)];
    }

    public int ReadFrom(int thread, int candidates, int site) => _random.Chance(StaleRate) ? _random.Below(candidates) : 0;

    public int Place(int thread, int slots, int site) =>
        _random.Chance(DelayRate) ? 1 + _random.Below(Math.Min(slots - 1, MaxDelay)) : 0;
}
