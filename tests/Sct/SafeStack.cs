namespace Verify.Tests.Sct;

/// <summary>Dmitry Vyukov's lock-free stack over array indexes, whose pop can give one element to two threads: three threads and at least five preemptions.</summary>
/// <remarks>
/// Posted as a challenge to tools in 2010 and since then part of SCTBench: elements are taken by exchanging their link for -1, and the count that
/// is kept beside the head hides an ABA of the head. SCTBench's size: three threads, three elements, four pops and pushes of each thread, twice for the rest.
/// </remarks>
internal static class SafeStack
{
    private const int Elements = 3;
    private const int ThreadCount = 3;

    private sealed class Cells
    {
        private readonly int[] _next = new int[Elements];
        private volatile int _head;
        private volatile int _count = Elements;

        internal Cells()
        {
            for (int i = 0; i < Elements; i++)
            {
                _next[i] = i + 1 < Elements ? i + 1 : -1;
            }
        }

        internal int Pop()
        {
            while (_count > 1)
            {
                int head = _head;
                int next = Interlocked.Exchange(ref _next[head], -1);
                if (next < 0)
                {
                    continue;
                }

#pragma warning disable CS0420 // Interlocked takes the field by reference, and is volatile
                if (Interlocked.CompareExchange(ref _head, next, head) == head)
                {
                    Interlocked.Decrement(ref _count);
                    return head;
                }
#pragma warning restore CS0420

                Interlocked.Exchange(ref _next[head], next);
            }

            return -1;
        }

        internal void Push(int index)
        {
#pragma warning disable CS0420
            int head;
            do
            {
                head = _head;
                Volatile.Write(ref _next[index], head);
            }
            while (Interlocked.CompareExchange(ref _head, index, head) != head);
            Interlocked.Increment(ref _count);
#pragma warning restore CS0420
        }
    }

    internal static void Run()
    {
        var stack = new Cells();
        int[] owner = new int[Elements];
        var bodies = new ThreadStart[ThreadCount];
        for (int t = 0; t < ThreadCount; t++)
        {
            int me = t + 1;
            bodies[t] = () =>
            {
                for (int i = 0; i < 2; i++)
                {
                    int index;
                    do
                    {
                        index = stack.Pop();
                        if (index < 0)
                        {
                            Thread.Yield();
                        }
                    }
                    while (index < 0);

                    Volatile.Write(ref owner[index], me);
                    Threads.Assert(Volatile.Read(ref owner[index]) == me, "two threads have the same element");
                    stack.Push(index);
                }
            };
        }

        Threads.Run(bodies);
    }
}
