using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Rcu;

namespace Verify.Scenarios.Rcu;

/// <summary>
/// Two monitors drain while a vCPU stays in its section until somebody kicks it: both drains return, each after its own callback, and afterwards nobody
/// is asked to leave any more.
/// </summary>
/// <remarks>Found missing by <c>verify mutate</c>: in <see cref="DrainBusyReader"/> one thread drains, so the count of drains is 0 or 1.</remarks>
public sealed class DrainTwice() : RcuScenario(VariantsAnd(
    Run<SymmetricRcu>,
    Run<AsymmetricRcu>,
    Run<TwoPhaseRcu>,
    ScenarioCase.Mutant("no-force-notifier", "nobody asks the vCPU to leave (RC05)", "waits for", Run<UnforcingRcu>)))
{
    public override string Name => "drain-twice";

    public override string Summary => "two monitors drain callbacks while a vCPU stays in its read section until it is kicked";

    public override string Source => "races.md RC05; docs/mutation.md";

    private static void Run<TVariant>()
        where TVariant : struct, IRcuVariant
    {
        int ended = 0; // Interlocked; drains
        BusyReader busy = new();
        RcuDomain<TVariant> rcu = new();
        RunActors(
            Reader("vcpu", rcu, busy.StayInSection, onForced: busy.Kick),
            ("monitor 0", Drain),
            ("monitor 1", Drain));

        // No drain is under way now: a writer waits for its readers as long as they like.
        bool asked = false; // under the registry lock, and read when the actors have ended
        RunActors(
            Reader("reader", rcu, StayAWhile, onForced: () => asked = true),
            ("writer", rcu.Synchronize));
        Check(!asked, "a reader was asked to leave its section, and nobody drains");
        rcu.Dispose();

        static void StayAWhile(RcuReader<TVariant> reader)
        {
            using RcuSection<TVariant> section = reader.Read();
            Thread.Yield();
        }

        void Drain()
        {
            int ran = 0;
            rcu.CallRcu(() => Interlocked.Increment(ref ran));
            rcu.Drain();
            Check(Volatile.Read(ref ran) == 1, "the drain returned before a callback that was queued first had run");
            if (Interlocked.Increment(ref ended) == 2)
            {
                busy.Kick(); // the vCPU may have come after the drains
            }
        }
    }
}
