using Verify.Engine.Rcu;

namespace Verify.Tests.Unit.Rcu;

/// <summary>A small rcutorture: readers assert the generation of what they hold; a writer publishes, waits, frees.</summary>
/// <remarks>Bounded by operations. "Freeing" clears the generation, so that a reader that holds a freed object sees 0.</remarks>
internal static class RcuTorture
{
    private sealed class Held(long generation)
    {
        public long Generation = generation;  // Volatile; 0 once freed
    }

    /// <returns>How often a reader held an object that was freed under it.</returns>
    public static long Run<TVariant>(int readers, int updates, bool deferred)
        where TVariant : struct, IRcuVariant
    {
        using RcuDomain<TVariant> rcu = new();
        Held published = new(1);
        bool stop = false;
        long errors = 0, reads = 0;
        int entered = 0;
        Thread[] threads = [.. Enumerable.Range(0, readers).Select(_ => new Thread(() =>
        {
            RcuReader<TVariant> reader = rcu.Register();
            Interlocked.Increment(ref entered);
            long mine = 0;
            while (!Volatile.Read(ref stop))
            {
                reader.Enter();
                Held held = Volatile.Read(ref published);
                for (int i = 0; i < 8; i++)
                {
                    if (i == 4)
                    {
                        reader.Enter();  // nested sections change nothing
                        reader.Leave();
                    }
                    if (Volatile.Read(ref held.Generation) == 0)
                        Interlocked.Increment(ref errors);
                }
                reader.Leave();
                if (++mine % 1024 == 0)
                {
                    rcu.Unregister(reader);
                    reader = rcu.Register();
                }
            }
            rcu.Unregister(reader);
            Interlocked.Add(ref reads, mine);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        while (Volatile.Read(ref entered) < readers)
            Thread.Yield();
        for (int i = 2; i < updates + 2; i++)
        {
            Held old = Interlocked.Exchange(ref published, new Held(i));
            if (deferred)
            {
                rcu.CallRcu(() => Volatile.Write(ref old.Generation, 0));
            }
            else
            {
                rcu.Synchronize();
                Volatile.Write(ref old.Generation, 0);
            }
        }
        if (deferred)
            rcu.Drain();
        Volatile.Write(ref stop, true);
        foreach (Thread thread in threads)
            thread.Join();
        Assert.True(reads > 0, "no reader ran: the torture tested nothing");
        return errors;
    }
}
