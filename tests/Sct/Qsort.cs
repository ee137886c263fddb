namespace Verify.Tests.Sct;

/// <summary>A multithreaded quicksort with a pool of workers: a worker that is handed a part is found by its state, which is looked at before its lock is taken.</summary>
/// <remarks>
/// After SCTBench's "qsort_mt" (FreeBSD's qsort_mt): a worker has a lock, a condition and a state. Whoever splits a part looks for an idle worker
/// without its lock, so two can find the same one: the second part takes the place of the first, which nobody sorts, and the count of idle workers
/// never gets back to all.
/// </remarks>
internal static class Qsort
{
    private const int Workers = 3;

    private sealed class Worker
    {
        internal readonly object Lock = new();
        internal volatile bool Busy;
        internal volatile bool Ended;
        internal int From;
        internal int To;
    }

    private sealed class Pool(int[] items)
    {
        private readonly Worker[] _workers = [.. Enumerable.Range(0, Workers).Select(_ => new Worker())];
        private volatile int _idle = Workers;

        internal bool IsSorted
        {
            get
            {
                for (int i = 1; i < items.Length; i++)
                {
                    if (items[i - 1] > items[i])
                    {
                        return false;
                    }
                }

                return true;
            }
        }

        internal void Serve(int number)
        {
            Worker me = _workers[number];
            while (true)
            {
                int from, to;
                lock (me.Lock)
                {
                    while (!me.Busy)
                    {
                        if (me.Ended)
                        {
                            return;
                        }

                        Monitor.Wait(me.Lock);
                    }

                    (from, to) = (me.From, me.To);
                }

                Sort(from, to);
                lock (me.Lock)
                {
                    me.Busy = false;
                }

#pragma warning disable CS0420 // Interlocked takes the field by reference, and is volatile
                if (Interlocked.Increment(ref _idle) == Workers)
#pragma warning restore CS0420
                {
                    End();
                    return;
                }
            }
        }

        internal void Hand(int from, int to)
        {
            foreach (Worker worker in _workers)
            {
                if (worker.Busy)
                {
                    continue;
                }

                // The bug: here another one may find the same worker.
                lock (worker.Lock)
                {
                    worker.From = from;
                    worker.To = to;
                    worker.Busy = true;
#pragma warning disable CS0420
                    Interlocked.Decrement(ref _idle);
#pragma warning restore CS0420
                    Monitor.Pulse(worker.Lock);
                }

                return;
            }

            Sort(from, to);
        }

        private void Sort(int from, int to)
        {
            if (from >= to)
            {
                return;
            }

            int pivot = items[to], left = from;
            for (int i = from; i < to; i++)
            {
                if (items[i] < pivot)
                {
                    (items[i], items[left]) = (items[left], items[i]);
                    left++;
                }
            }

            (items[left], items[to]) = (items[to], items[left]);
            Hand(from, left - 1);
            Sort(left + 1, to);
        }

        private void End()
        {
            foreach (Worker worker in _workers)
            {
                lock (worker.Lock)
                {
                    worker.Ended = true;
                    Monitor.Pulse(worker.Lock);
                }
            }
        }
    }

    internal static void Run()
    {
        int[] items = [4, 2, 6, 1, 3, 7, 5];
        var pool = new Pool(items);
        var bodies = new ThreadStart[Workers];
        for (int i = 0; i < Workers; i++)
        {
            int number = i;
            bodies[i] = () => pool.Serve(number);
        }

        pool.Hand(0, items.Length - 1);
        Threads.Run(bodies);
        Threads.Assert(pool.IsSorted, "the items are not sorted");
    }
}
