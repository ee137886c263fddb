namespace Verify.Tests.Sct;

/// <summary>n-1 threads set a, then b; one checks that it never sees a set and b not. Needs the checker between the first a and every b.</summary>
internal static class Reorder
{
    private sealed class State
    {
        internal volatile int A;
        internal volatile int B;
    }

    internal static void Run(int threads)
    {
        var state = new State();
        var bodies = new ThreadStart[threads];
        for (int i = 0; i < threads - 1; i++)
        {
            bodies[i] = () =>
            {
                state.A = 1;
                state.B = -1;
            };
        }

        bodies[threads - 1] = () =>
        {
            int a = state.A;
            int b = state.B;
            Threads.Assert((a == 0 && b == 0) || (a == 1 && b == -1), "a is set and b is not");
        };
        Threads.Run(bodies);
    }
}
