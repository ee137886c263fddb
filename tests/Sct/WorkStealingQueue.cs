namespace Verify.Tests.Sct;

/// <summary>The work-stealing queue of the CHESS papers, with the owner's pop reading the head too early.</summary>
/// <remarks>Leijen, Schulte and Burckhardt, "The Design of a Task Parallel Library", OOPSLA 2009, describes the queue.</remarks>
internal static class WorkStealingQueue
{
    private const int Items = 4;

    private sealed class Deque
    {
        private readonly object _lock = new();
        private readonly int[] _items = new int[8];
        private volatile int _head;
        private volatile int _tail;

        internal void Push(int item)
        {
            _items[_tail & 7] = item;
            _tail++;
        }

        internal bool Pop(out int item)
        {
            int tail = _tail - 1;
            if (_head <= tail) // the tail must be published before the head is read
            {
                _tail = tail;
                item = _items[tail & 7];
                return true;
            }

            lock (_lock)
            {
                item = 0;
                return false;
            }
        }

        internal bool Steal(out int item)
        {
            lock (_lock)
            {
                int head = _head;
                _head = head + 1;
                if (head < _tail)
                {
                    item = _items[head & 7];
                    return true;
                }

                _head = head;
                item = 0;
                return false;
            }
        }
    }

    internal static void Run()
    {
        var queue = new Deque();
        int[] taken = new int[Items];
        Threads.Run(
            () =>
            {
                for (int i = 0; i < Items; i++)
                {
                    queue.Push(i);
                    if (i % 2 == 1 && queue.Pop(out int item))
                    {
                        Interlocked.Increment(ref taken[item]);
                    }
                }

                while (queue.Pop(out int item))
                {
                    Interlocked.Increment(ref taken[item]);
                }
            },
            () =>
            {
                for (int i = 0; i < 2; i++)
                {
                    if (queue.Steal(out int item))
                    {
                        Interlocked.Increment(ref taken[item]);
                    }
                }
            });
        foreach (int times in taken)
        {
            Threads.Assert(times <= 1, "an item was taken twice");
        }
    }
}
