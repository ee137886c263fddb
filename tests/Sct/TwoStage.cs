namespace Verify.Tests.Sct;

/// <summary>Data is set in two stages under two locks; a reader between the stages sees the first without the second.</summary>
internal static class TwoStage
{
    private sealed class State
    {
        internal readonly object Lock1 = new();
        internal readonly object Lock2 = new();
        internal volatile int Data1;
        internal volatile int Data2;
    }

    internal static void Run(int writers, int readers)
    {
        var state = new State();
        var bodies = new List<ThreadStart>();
        for (int i = 0; i < writers; i++)
        {
            bodies.Add(() =>
            {
                lock (state.Lock1)
                {
                    state.Data1 = 1;
                }

                lock (state.Lock2)
                {
                    state.Data2 = state.Data1 + 1;
                }
            });
        }

        for (int i = 0; i < readers; i++)
        {
            bodies.Add(() =>
            {
                int first;
                lock (state.Lock1)
                {
                    if (state.Data1 == 0)
                    {
                        return;
                    }

                    first = state.Data1;
                }

                lock (state.Lock2)
                {
                    Threads.Assert(state.Data2 == first + 1, "between the stages");
                }
            });
        }

        Threads.Run([.. bodies]);
    }
}
