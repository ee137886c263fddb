namespace Verify.Tests.Sct;

/// <summary>A stack whose push locks and whose reader of the top does not.</summary>
internal static class Stack
{
    private const int Size = 5;

    private sealed class State
    {
        internal readonly object Lock = new();
        internal readonly int[] Items = new int[Size];
        internal volatile int Top;
        internal volatile bool Pushed;
    }

    internal static void Run()
    {
        var s = new State();
        Threads.Run(
            () =>
            {
                for (int i = 0; i < Size; i++)
                {
                    lock (s.Lock)
                    {
                        s.Items[s.Top] = i;
                        s.Top++;
                        s.Pushed = true;
                    }
                }
            },
            () =>
            {
                for (int i = 0; i < Size; i++)
                {
                    lock (s.Lock)
                    {
                        if (s.Pushed)
                        {
                            Threads.Assert(s.Top > 0, "popped from an empty stack");
                            s.Top--;
                        }
                    }
                }
            });
    }
}
