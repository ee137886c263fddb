namespace Verify.Checker.MemoryModels;

/// <summary>PCT's weak half: exactly w randomly chosen questions of an execution are not answered with 0.</summary>
/// <remarks>
/// Same shape as PCTWM (ASPLOS 2023): a bug of depth d that needs w weak answers, of at most h each, is found with probability at least
/// 1/(n k^(d-1)) * 1/(K h)^w, for K questions in an execution. K is learnt as the largest count so far, so the first execution is
/// sequentially consistent.
/// </remarks>
public sealed class WeakBudgetChoices : IWeakChoices
{
    private readonly int[] _chosen;
    private SplitMix64 _random;
    private int _asked;
    private int _mostAsked;

    /// <param name="budget">w, the number of weak answers in an execution; at least 0.</param>
    /// <param name="seed">Seed of the whole run.</param>
    public WeakBudgetChoices(int budget, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(budget);
        _chosen = new int[budget];
        _random = new SplitMix64(seed);
        Array.Fill(_chosen, -1);
    }

    /// <summary>Draws the questions of the next execution.</summary>
    public void NextExecution()
    {
        _mostAsked = Math.Max(_mostAsked, _asked);
        _asked = 0;
        Array.Fill(_chosen, -1);
        for (int i = 0; i < _chosen.Length && i < _mostAsked; i++)
        {
            int index;
            do
                index = _random.Below(_mostAsked);
            while (_chosen.AsSpan(0, i).Contains(index));
            _chosen[i] = index;
        }
    }

    public int ReadFrom(int thread, int candidates, int site) => Answer(candidates);

    public int Place(int thread, int slots, int site) => Answer(slots);

    private int Answer(int n) => _chosen.AsSpan().Contains(_asked++) ? 1 + _random.Below(n - 1) : 0;
}
