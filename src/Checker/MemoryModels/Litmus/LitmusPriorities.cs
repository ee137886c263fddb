namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>
/// PCT's scheduling half: the enabled thread of highest priority runs; at d - 1 random steps the running one drops below all others.
/// </summary>
internal sealed class LitmusPriorities
{
    private readonly int[] _priority;
    private readonly int[] _changeAt;
    private SplitMix64 _random;
    private int _steps;
    private int _mostSteps;
    private int _lowest;

    internal LitmusPriorities(int threads, int depth, ulong seed)
    {
        _priority = new int[threads];
        _changeAt = new int[Math.Max(depth - 1, 0)];
        _random = new SplitMix64(seed);
    }

    internal void NextExecution()
    {
        _mostSteps = Math.Max(_mostSteps, _steps);
        _steps = 0;
        _lowest = 0;
        for (int i = 0; i < _priority.Length; i++)
        {
            int j = _random.Below(i + 1);
            _priority[i] = _priority[j];
            _priority[j] = i + 1;
        }

        for (int i = 0; i < _changeAt.Length; i++)
            _changeAt[i] = _random.Below(Math.Max(_mostSteps, 1));
    }

    internal int Next(ReadOnlySpan<int> enabled)
    {
        int best = Highest(enabled);
        foreach (int step in _changeAt)
        {
            if (step != _steps)
                continue;
            _priority[best] = --_lowest;
            best = Highest(enabled);
        }

        _steps++;
        return best;
    }

    private int Highest(ReadOnlySpan<int> enabled)
    {
        int best = enabled[0];
        foreach (int thread in enabled)
        {
            if (_priority[thread] > _priority[best])
                best = thread;
        }

        return best;
    }
}
