using System.Runtime.InteropServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Draws a few pairs "this read gets its value from that write" and holds threads back until they come true.</summary>
/// <remarks>
/// After Wolff, Shi, Duck, Mathur and Roychoudhury, "Greybox Fuzzing for Concurrency Testing" (RFF), ASPLOS 2024: abstract events are sites, and a schedule
/// is abstracted to its reads-from pairs. How many threads there are does not matter to such a pair, so bugs among a hundred threads need no more
/// schedules than among three. Deviations: pairs are drawn afresh instead of mutating a corpus, rarely seen ones twice as often; entering a lock counts as
/// reading from the site that left it last. A pair is given up when it keeps threads waiting for longer than an execution usually takes.
/// </remarks>
public sealed class ReadsFromTargeting(ulong seed) : IExplorationStrategy
{
    private const int PlainEvery = 8;
    private const int MostTargets = 3;

    private readonly ReadsFromProfile _profile = new();

    /// <inheritdoc/>
    public IScheduler Next(long execution, int longest)
    {
        var rng = new Rng(seed, (ulong)execution);
        _profile.BeginExecution();
        List<ReadsFrom> targets = execution % PlainEvery == 0 ? [] : _profile.Draw(rng, 1 + rng.Next(MostTargets));
        return new Scheduler(rng, _profile, targets, patience: Math.Max(64, 2 * longest));
    }

    private sealed class Scheduler(Rng rng, ReadsFromProfile profile, List<ReadsFrom> targets, int patience) : IScheduler
    {
        private readonly List<int> _candidates = [];

        public int ChooseThread(in SchedulingPoint point)
        {
            if (point.Step > patience)
            {
                targets.Clear();
            }

            int chosen = Choose(point);
            PendingOperation op = point.Pending[chosen];
            if (profile.Performed(op) is { } pair)
            {
                targets.Remove(pair);
            }

            return chosen;
        }

        public int ChooseValue(int count, int thread, int site) => rng.Next(4) == 0 ? rng.Next(count) : 0;

        private int Choose(in SchedulingPoint point)
        {
            if (targets.Count > 0)
            {
                _candidates.Clear();
                foreach (int thread in point.Enabled)
                {
                    if (!IsHeld(point.Pending[thread]))
                    {
                        _candidates.Add(thread);
                    }
                }

                if (_candidates.Count > 0)
                {
                    return Uniform(point, CollectionsMarshal.AsSpan(_candidates));
                }

                targets.RemoveAt(rng.Next(targets.Count)); // they contradict each other, or the write does not come
            }

            return Uniform(point, point.Enabled);
        }

        // A read waits for its write; a write waits while the value it would destroy is still to be read.
        private bool IsHeld(in PendingOperation op)
        {
            if (!Conflict.IsShared(op))
            {
                return false;
            }

            foreach (ReadsFrom target in targets)
            {
                if (!profile.IsAt(op, target))
                {
                    continue;
                }

                bool inPlace = profile.LastWrite(op.Address) == target.Write;
                bool isTheRead = op.Site == target.Read && ReadsFromProfile.Reads(op.Kind);
                if (isTheRead ? !inPlace : inPlace && Conflict.Changes(op.Kind))
                {
                    return true;
                }
            }

            return false;
        }

        private int Uniform(in SchedulingPoint point, ReadOnlySpan<int> among)
        {
            int chosen = among[rng.Next(among.Length)];
            if (among.Length > 1 && chosen == point.Current && point.Pending[chosen].Kind == OperationKind.Yield)
            {
                chosen = among[rng.Next(among.Length)];
            }

            return chosen;
        }
    }
}

/// <summary>A read at one site gets the value that a write at another left; <see cref="Initial"/> when nobody wrote before.</summary>
internal readonly record struct ReadsFrom(int Read, int Write)
{
    internal const int Initial = -1;
}
