namespace Verify.Tests.Sct;

/// <summary>Three threads add to a number under a lock; the third fails if it comes last.</summary>
internal static class Lazy01
{
    private sealed class State
    {
        internal readonly object Lock = new();
        internal volatile int Data;
    }

    internal static void Run()
    {
        var s = new State();
        Threads.Run(
            () =>
            {
                lock (s.Lock)
                {
                    s.Data++;
                }
            },
            () =>
            {
                lock (s.Lock)
                {
                    s.Data += 2;
                }
            },
            () =>
            {
                lock (s.Lock)
                {
                    Threads.Assert(s.Data < 3, "both came first");
                }
            });
    }
}
