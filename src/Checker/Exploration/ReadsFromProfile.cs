using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Which sites read and write which locations, what was read from what, and who wrote last in the execution under way.</summary>
internal sealed class ReadsFromProfile
{
    private readonly SiteClasses _classes = new();
    private readonly Dictionary<nuint, int> _lastWrite = []; // by address, this execution
    private readonly SortedSet<int> _reads = [];
    private readonly SortedSet<int> _writes = [];
    private readonly Dictionary<ReadsFrom, int> _seen = []; // how often each pair happened

    internal static bool Reads(OperationKind kind) =>
        kind is OperationKind.VolatileRead or OperationKind.PlainRead or OperationKind.Interlocked or OperationKind.LockAcquire or OperationKind.LockTry;

    internal void BeginExecution()
    {
        _classes.BeginExecution();
        _lastWrite.Clear();
    }

    internal int LastWrite(nuint address) => _lastWrite.GetValueOrDefault(address, ReadsFrom.Initial);

    internal bool IsAt(in PendingOperation op, ReadsFrom target) => _classes.Of(op.Site) == _classes.Of(target.Read);

    /// <summary>Records the operation; the pair it makes true if it reads.</summary>
    internal ReadsFrom? Performed(in PendingOperation op)
    {
        if (!Conflict.IsShared(op))
        {
            return null;
        }

        _classes.Touch(op);
        ReadsFrom? pair = null;
        if (Reads(op.Kind))
        {
            _reads.Add(op.Site);
            pair = new ReadsFrom(op.Site, LastWrite(op.Address));
            _seen[pair.Value] = _seen.GetValueOrDefault(pair.Value) + 1;
        }

        // Entering a lock changes it, but what the next one in reads from is the site that left it.
        if (Conflict.Changes(op.Kind) && op.Kind is not (OperationKind.LockAcquire or OperationKind.LockTry))
        {
            _writes.Add(op.Site);
            _lastWrite[op.Address] = op.Site;
        }

        return pair;
    }

    /// <summary>So many different pairs, each possible as far as is known; fewer when there are not so many.</summary>
    internal List<ReadsFrom> Draw(Rng rng, int count)
    {
        var pairs = new List<ReadsFrom>();
        foreach (int read in _reads)
        {
            int location = _classes.Of(read);
            int[] writes = [.. _writes.Where(w => _classes.Of(w) == location)];
            if (writes.Length == 0)
            {
                continue; // nobody writes there: nothing to choose
            }

            foreach (int write in writes.Append(ReadsFrom.Initial))
            {
                var pair = new ReadsFrom(read, write);
                pairs.Add(pair);
                if (_seen.GetValueOrDefault(pair) < 2)
                {
                    pairs.Add(pair);
                }
            }
        }

        var drawn = new List<ReadsFrom>();
        while (drawn.Count < count && pairs.Count > 0)
        {
            ReadsFrom pair = pairs[rng.Next(pairs.Count)];
            drawn.Add(pair);
            pairs.RemoveAll(p => p.Read == pair.Read);
        }

        return drawn;
    }
}
