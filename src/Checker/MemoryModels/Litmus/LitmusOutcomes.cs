using System.Text;

namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>The distinct final states met so far.</summary>
internal sealed class LitmusOutcomes
{
    private readonly LitmusExecution _execution;
    private readonly Dictionary<long[], int> _counts = new(new Comparer());
    private readonly long[] _state;

    internal LitmusOutcomes(LitmusExecution execution)
    {
        _execution = execution;
        _state = new long[execution.Threads.Sum(t => t.Register.Length) + execution.Test.Locations.Count];
    }

    /// <returns>Whether the state is new.</returns>
    internal bool Record()
    {
        int at = 0;
        foreach (LitmusThreadState thread in _execution.Threads)
        {
            thread.Register.CopyTo(_state, at);
            at += thread.Register.Length;
        }

        for (int location = 0; location < _execution.Test.Locations.Count; location++)
            _state[at++] = _execution.ValueOf(location);
        if (!_counts.TryGetValue(_state, out int count))
        {
            _counts.Add([.. _state], 1);
            return true;
        }

        _counts[_state] = count + 1;
        return false;
    }

    /// <summary>As litmus files write them, in ordinal order, with how often each was met.</summary>
    internal SortedDictionary<string, int> ToFormatted()
    {
        SortedDictionary<string, int> outcomes = new(StringComparer.Ordinal);
        foreach ((long[] state, int count) in _counts)
            outcomes.Add(Format(state), count);
        return outcomes;
    }

    /// <summary>Whether some state met satisfies the test's final condition.</summary>
    internal bool ConditionReached => _counts.Keys.Any(Satisfies);

    private bool Satisfies(long[] state) =>
        _execution.Test.Exists.Any(clause => clause.All(term => state[Index(term)] == term.Value));

    private int Index(LitmusTerm term) =>
        term.Thread < 0
            ? LocationsStart() + term.Index
            : _execution.Threads.Take(term.Thread).Sum(t => t.Register.Length) + term.Index;

    private int LocationsStart() => _state.Length - _execution.Test.Locations.Count;

    private string Format(long[] state)
    {
        LitmusTest test = _execution.Test;
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
