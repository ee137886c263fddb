using System.Runtime.InteropServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration.PartialOrder;

/// <summary>Digests executions so that those that differ only in the order of independent events have the same one.</summary>
/// <remarks>
/// The happens-before signature of Musuvathi and Qadeer, "Partial-Order Reduction for Context-Bounded State Exploration", MSR-TR-2007-12: an event's hash
/// is that of what it is and of the events right before it in the partial order; the digest is the sum over all events. Dependence is the
/// same as that of <see cref="Dpor"/>, so what it runs once has a digest of its own. Threads go by who started them, objects by what happened to them:
/// neither numbers nor addresses of two executions are compared. Sequential consistency only.
/// </remarks>
internal sealed class TraceDigest
{
    private readonly Dictionary<(bool, nuint), ObjectState> _objects = [];
    private readonly List<ThreadState> _threads = [];

    private struct ObjectState
    {
        internal ulong Chain; // of the last event that is not a read
        internal ulong Reads; // since then, summed: they commute
    }

    private struct ThreadState
    {
        internal ulong Last;  // hash of its last event
        internal int Started; // threads it has started
    }

    /// <summary>The digest of an execution that was not abandoned.</summary>
    internal ulong Of(StepLog log)
    {
        _objects.Clear();
        _threads.Clear();
        _threads.Add(new ThreadState { Last = Fnv.Offset });
        ulong sum = 0, global = 0;
        ReadOnlySpan<Step> steps = log.Steps;
        ReadOnlySpan<nuint> addresses = log.Addresses;
        Span<ThreadState> threads = CollectionsMarshal.AsSpan(_threads);
        for (int i = 0; i < steps.Length; i++)
        {
            Step step = steps[i];
            ref ThreadState thread = ref threads[step.Thread];
            ulong hash = Fnv.Mix(Fnv.Mix(thread.Last, SiteTable.StableId(step.Site)), ((ulong)step.Kind << 32) | (uint)step.Value);
            if (step.Kind == OperationKind.Choice)
            {
                thread.Last = hash;
                sum += Spread(hash);
                continue;
            }

            var operation = new PendingOperation(step.Kind, addresses[i], step.Site);
            switch (Dependence.Of(operation))
            {
                case Dependence.Role.Free:
                    if (step.Kind == OperationKind.ThreadJoin && (int)operation.Address < threads.Length)
                    {
                        hash = Fnv.Mix(hash, threads[(int)operation.Address].Last);
                    }

                    break;
                case Dependence.Role.Global:
                    foreach (ThreadState other in threads)
                    {
                        hash += Spread(other.Last);
                    }

                    hash = global = Fnv.Mix(hash, global);
                    break;
                case Dependence.Role.Read:
                    ref ObjectState read = ref Object(operation);
                    hash = Fnv.Mix(Fnv.Mix(hash, global), read.Chain);
                    read.Reads += Spread(hash);
                    break;
                default:
                    ref ObjectState changed = ref Object(operation);
                    hash = Fnv.Mix(Fnv.Mix(Fnv.Mix(hash, global), changed.Chain), changed.Reads);
                    changed = new ObjectState { Chain = hash };
                    break;
            }

            thread.Last = hash;
            sum += Spread(hash);
            if (step.Kind == OperationKind.ThreadStart)
            {
                _threads.Add(new ThreadState { Last = Fnv.Mix(hash, (ulong)++thread.Started) });
                threads = CollectionsMarshal.AsSpan(_threads);
            }
        }

        return Spread(sum);
    }

    private ref ObjectState Object(in PendingOperation operation) =>
        ref CollectionsMarshal.GetValueRefOrAddDefault(_objects, Dependence.ObjectOf(operation), out _)!;

    // FNV alone is too regular to be summed.
    private static ulong Spread(ulong hash)
    {
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
