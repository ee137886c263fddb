using System.Text;

namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>The distinct final states met so far.</summary>
public sealed class LitmusOutcomes
{
    private readonly LitmusTest _test;
    private readonly Dictionary<long[], int> _counts = new(new Comparer());
    private readonly long[] _state;

    public LitmusOutcomes(LitmusTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        _test = test;
        _state = new long[test.Threads.Sum(t => t.Registers.Count) + test.Locations.Count];
    }

    /// <summary>Counts a final state.</summary>
    /// <param name="state">Registers by thread, then locations.</param>
    /// <returns>Whether the state is new.</returns>
    public bool Record(ReadOnlySpan<long> state)
    {
        state.CopyTo(_state);
        return Count();
    }

    internal bool Record(LitmusExecution execution)
    {
        int at = 0;
        foreach (LitmusThreadState thread in execution.Threads)
        {
            thread.Register.CopyTo(_state, at);
            at += thread.Register.Length;
        }

        for (int location = 0; location < _test.Locations.Count; location++)
            _state[at++] = execution.ValueOf(location);
        return Count();
    }

    /// <summary>As litmus files write them, in ordinal order, with how often each was met.</summary>
    public SortedDictionary<string, int> ToFormatted()
    {
        SortedDictionary<string, int> outcomes = new(StringComparer.Ordinal);
        foreach ((long[] state, int count) in _counts)
            outcomes.Add(Format(state), count);
        return outcomes;
    }

    /// <summary>Whether some state met satisfies the test's final condition.</summary>
    public bool ConditionReached => _counts.Keys.Any(Satisfies);

    private bool Count()
    {
        if (!_counts.TryGetValue(_state, out int count))
        {
            _counts.Add([.. _state], 1);
            return true;
        }

        _counts[_state] = count + 1;
        return false;
    }

    private bool Satisfies(long[] state) =>
        _test.Exists.Any(clause => clause.All(term => state[Index(term)] == term.Value));

    private int Index(LitmusTerm term) =>
        term.Thread < 0
            ? LocationsStart() + term.Index
            : _test.Threads.Take(term.Thread).Sum(t => t.Registers.Count) + term.Index;

    private int LocationsStart() => _state.Length - _test.Locations.Count;

    private string Format(long[] state)
    {
        LitmusTest test = _test;
        StringBuilder text = new();
        int at = 0;
        for (int t = 0; t < test.Threads.Count; t++)
        {
            foreach (string register in test.Threads[t].Registers)
                text.Append(t).Append(':').Append(register).Append('=').Append(test.Format(state[at++])).Append(';');
        }

        foreach (string location in test.Locations)
            text.Append(location).Append('=').Append(test.Format(state[at++])).Append(';');
        if (text.Length > 0)
            text.Length--;
        return text.ToString();
    }

    private sealed class Comparer : IEqualityComparer<long[]>
    {
        public bool Equals(long[]? x, long[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(long[] state)
        {
            HashCode hash = default;
            foreach (long value in state)
                hash.Add(value);
            return hash.ToHashCode();
        }
    }
}
