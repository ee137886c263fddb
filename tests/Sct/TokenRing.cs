namespace Verify.Tests.Sct;

/// <summary>Four threads compute their place in a ring from their neighbour's, and a checker assumes that all have.</summary>
internal static class TokenRing
{
    private sealed class State
    {
        internal readonly object Lock = new();
        internal volatile int X1 = 1;
        internal volatile int X2 = 2;
        internal volatile int X3 = 1;
        internal volatile bool Flag1;
        internal volatile bool Flag2;
        internal volatile bool Flag3;
    }

    internal static void Run()
    {
        var s = new State();
        Threads.Run(
            () =>
            {
                lock (s.Lock)
                {
                    s.X1 = (s.X3 + 1) % 4;
                    s.Flag1 = true;
                }
            },
            () =>
            {
                lock (s.Lock)
                {
                    s.X2 = s.X1;
                    s.Flag2 = true;
                }
            },
            () =>
            {
                lock (s.Lock)
                {
                    s.X3 = s.X2;
                    s.Flag3 = true;
                }
            },
            () =>
            {
                lock (s.Lock)
                {
                    if (s.Flag1 && s.Flag2 && s.Flag3)
                    {
                        Threads.Assert(s.X1 == s.X2 && s.X2 == s.X3, "the ring was closed in another order");
                    }
                }
            });
    }
}
