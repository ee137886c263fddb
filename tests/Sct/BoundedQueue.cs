namespace Verify.Tests.Sct;

/// <summary>A producer and a consumer agree by flags outside the lock on how many items there are.</summary>
internal static class BoundedQueue
{
    private const int Size = 5;

    private sealed class State
    {
        internal readonly object Lock = new();
        internal readonly Queue<int> Items = new();
        internal volatile bool Enqueue = true;
        internal volatile bool Dequeue;
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
                        if (s.Enqueue)
                        {
                            s.Items.Enqueue(i);
                            s.Enqueue = false;
                            s.Dequeue = true;
                        }
                    }
                }
            },
            () =>
            {
                for (int i = 0; i < Size; i++)
                {
                    lock (s.Lock)
                    {
                        if (s.Dequeue)
                        {
                            // Only ever the next number if every turn of the producer found its flag set.
                            Threads.Assert(s.Items.Dequeue() == i, "the consumer missed a turn");
                            s.Dequeue = false;
                            s.Enqueue = true;
                        }
                    }
                }
            });
    }
}
