namespace Verify.Tests.Sct;

/// <summary>Two groups protect one counter by different locks.</summary>
internal static class WrongLock
{
    private sealed class State
    {
        internal readonly object Lock1 = new();
        internal readonly object Lock2 = new();
        internal volatile int Data;
    }

    internal static void Run(int group1, int group2)
    {
        var state = new State();
        var bodies = new List<ThreadStart>();
        for (int i = 0; i < group1; i++)
        {
            bodies.Add(() =>
            {
                lock (state.Lock1)
                {
                    int x = state.Data;
                    state.Data++;
                    Threads.Assert(state.Data == x + 1, "another lock's holder came between");
                }
            });
        }

        for (int i = 0; i < group2; i++)
        {
            bodies.Add(() =>
            {
                lock (state.Lock2)
                {
                    state.Data++;
                }
            });
        }

        Threads.Run([.. bodies]);
    }
}
