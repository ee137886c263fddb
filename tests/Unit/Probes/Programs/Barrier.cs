// Programs over Barrier.
public static partial class Probe
{
    static void Phases(bool both)
    {
        using Barrier b = new(2);
        int[] cells = new int[2];
        Action Part(int i) => () =>
        {
            for (int phase = 1; phase <= 2; phase++)
            {
                Volatile.Write(ref cells[i], phase);
                b.SignalAndWait();
                Check(Volatile.Read(ref cells[1 - i]) == phase, "the other is in the next phase already");
                if (both) b.SignalAndWait();
            }
        };
        Run(Part(0), Part(1));
    }

    public static void The_second_barrier_forgotten__Assertion() => Phases(both: false);

    public static void A_barrier_on_both_sides__Clean() => Phases(both: true);

    public static void The_action_runs_once_a_phase__Clean()
    {
        int runs = 0;
        using Barrier b = new(3, x => Check(x.CurrentPhaseNumber == runs++));
        void Part()
        {
            b.SignalAndWait();
            b.SignalAndWait();
        }

        Run(Part, Part, Part);
        Check(runs == 2);
    }

    public static void One_participant_too_many__Deadlock()
    {
        using Barrier b = new(3);
        Run(() => b.SignalAndWait(), () => b.SignalAndWait());
    }

    public static void One_leaves__Clean()
    {
        using Barrier b = new(3);
        Run(() => b.SignalAndWait(), () => b.SignalAndWait(), () => b.RemoveParticipant());
        Check(b.ParticipantCount == 2);
    }

    public static void More_threads_than_participants__UnhandledException()
    {
        using Barrier b = new(1, _ => Thread.Yield());
        Run(() => b.SignalAndWait(), () => b.SignalAndWait()); // the second comes while the first runs the action
    }

    public static void A_time_out_ignored__Assertion()
    {
        using Barrier b = new(2);
        int done = 0;
        void Part()
        {
            Interlocked.Increment(ref done);
            b.SignalAndWait(10);
            Check(Volatile.Read(ref done) == 2);
        }

        Run(Part, Part);
    }

    public static void An_action_that_throws_is_told_to_all__Clean()
    {
        using Barrier b = new(2, _ => throw new FormatException());
        int told = 0;
        void Part()
        {
            try
            {
                b.SignalAndWait();
            }
            catch (BarrierPostPhaseException e) when (e.InnerException is FormatException)
            {
                Interlocked.Increment(ref told);
            }
        }

        Run(Part, Part);
        Check(told == 2);
    }
}
