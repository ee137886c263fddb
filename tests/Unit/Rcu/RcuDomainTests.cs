using Verify.Engine.Rcu;

namespace Verify.Tests.Unit.Rcu;

public abstract class RcuDomainTests<TVariant>
    where TVariant : struct, IRcuVariant
{
    private readonly RcuDomain<TVariant> _rcu = new();

    [Fact]
    public void Synchronize_waits_for_a_section_that_began_before_it()
    {
        using Inside inside = new(_rcu);
        Thread writer = StartWriter(out Func<bool> returned);
        AwaitSleep(writer);

        Assert.False(returned());
        inside.Leave();
        writer.Join();
        Assert.True(returned());
    }

    [Fact]
    public void Only_the_outermost_leave_ends_a_section()
    {
        using Inside inside = new(_rcu, depth: 3);
        Thread writer = StartWriter(out Func<bool> returned);
        AwaitSleep(writer);
        inside.Leave();
        inside.Leave();
        for (int i = 0; i < 100; i++)
            Thread.Yield();

        Assert.False(returned());
        inside.Leave();
        writer.Join();
    }

    [Fact]
    public void A_reader_that_registers_and_enters_during_the_wait_is_not_waited_for()
    {
        using Inside before = new(_rcu);
        Thread writer = StartWriter(out _);
        AwaitSleep(writer);
        using Inside after = new(_rcu);
        before.Leave();

        if (default(TVariant).PhasesPerGracePeriod > 1)
            after.Leave();  // entered in the first phase: the second one does wait for it
        writer.Join();      // hangs if the later reader were waited for
        if (after.Depth != 0)
            after.Leave();
    }

    [Fact]
    public void Readers_that_unregister_or_register_during_the_wait_leave_every_other_reader_registered()
    {
        using Inside before = new(_rcu);
        Inside quiescent = new(_rcu);
        quiescent.Leave();
        Thread writer = StartWriter(out _);
        AwaitSleep(writer);
        quiescent.Dispose();                    // stands aside at this moment
        using Inside newcomer = new(_rcu);      // registered during the wait
        newcomer.Leave();
        before.Leave();
        writer.Join();

        newcomer.Enter();
        Thread second = StartWriter(out Func<bool> returned);
        AwaitSleep(second);
        Assert.False(returned(), "the reader that registered during the first wait was lost");
        newcomer.Leave();
        second.Join();
    }

    [Fact]
    public void A_grace_period_without_readers_does_not_wait()
    {
        _rcu.Synchronize();
        Assert.Equal(0, _rcu.GracePeriods);
    }

    [Fact]
    public void Callbacks_of_one_thread_run_once_and_in_order()
    {
        List<int> ran = [];
        for (int i = 0; i < 1000; i++)
        {
            int n = i;
            _rcu.CallRcu(() => ran.Add(n));
        }
        _rcu.Drain();

        Assert.Equal(Enumerable.Range(0, 1000), ran);
    }

    [Fact]
    public void A_callback_waits_for_the_section_it_was_queued_in()
    {
        bool ran = false;
        RcuReader<TVariant> reader = _rcu.Register();
        reader.Enter();
        _rcu.CallRcu(() => Volatile.Write(ref ran, true));
        for (int i = 0; i < 1000; i++)
            Thread.Yield();
        Assert.False(Volatile.Read(ref ran));
        reader.Leave();
        _rcu.Drain();
        Assert.True(ran);
        _rcu.Unregister(reader);
    }

    [Fact]
    public void Callbacks_of_many_threads_all_run_and_in_order_for_each()
    {
        const int Producers = 3, Each = 2000;
        List<(int Producer, int N)> ran = [];
        Thread[] producers = [.. Enumerable.Range(0, Producers).Select(p => new Thread(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                int n = i;
                _rcu.CallRcu(() => ran.Add((p, n)));
            }
        }))];
        foreach (Thread t in producers)
            t.Start();
        foreach (Thread t in producers)
            t.Join();
        _rcu.Drain();

        Assert.Equal(Producers * Each, ran.Count);
        for (int p = 0; p < Producers; p++)
            Assert.Equal(Enumerable.Range(0, Each), ran.Where(r => r.Producer == p).Select(r => r.N));
    }

    [Fact]
    public void Dispose_runs_what_is_queued()
    {
        int ran = 0;
        RcuDomain<TVariant> rcu = new();
        for (int i = 0; i < 100; i++)
            rcu.CallRcu(() => ran++);
        rcu.Dispose();
        Assert.Equal(100, ran);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_drain_makes_an_endless_reader_leave(bool writerAlreadySleeps)
    {
        bool kicked = false, inside = false, stop = false;
        Thread vcpu = new(() =>
        {
            RcuReader<TVariant> reader = _rcu.Register(() => Volatile.Write(ref kicked, true));
            while (!Volatile.Read(ref stop))
            {
                reader.Enter();
                Volatile.Write(ref inside, true);
                while (!Volatile.Read(ref kicked) && !Volatile.Read(ref stop))
                    Thread.Yield();
                reader.Leave();
            }
            _rcu.Unregister(reader);
        });
        vcpu.Start();
        while (!Volatile.Read(ref inside))
            Thread.Yield();
        Thread? writer = null;
        if (writerAlreadySleeps)
        {
            writer = StartWriter(out _);
            AwaitSleep(writer);
        }
        object bigLock = new();
        lock (bigLock)
            _rcu.Drain(bigLock);  // hangs if nobody is forced
        writer?.Join();

        Assert.True(kicked);
        Volatile.Write(ref stop, true);
        vcpu.Join();
    }

    [Fact]
    public void A_drain_releases_the_lock_its_callbacks_need()
    {
        object bigLock = new();
        using RcuDomain<TVariant> rcu = new(bigLock);
        bool ran = false;
        lock (bigLock)
        {
            rcu.CallRcu(() => ran = true);
            rcu.Drain(bigLock);
            Assert.True(ran);
            Assert.True(Monitor.IsEntered(bigLock));
        }
    }

    [Fact]
    public void Misuse_is_named()
    {
        RcuReader<TVariant> reader = _rcu.Register();
        Assert.Throws<RcuMisuseException>(reader.Leave);
        reader.Enter();
        Assert.Throws<RcuMisuseException>(_rcu.Synchronize);
        Assert.Throws<RcuMisuseException>(() => _rcu.Drain());
        Assert.Throws<RcuMisuseException>(() => _rcu.Unregister(reader));
        reader.Leave();
        _rcu.Unregister(reader);
        Assert.Throws<RcuMisuseException>(() => _rcu.Unregister(reader));
    }

    [Fact]
    public void An_exception_in_a_callback_reaches_the_drain()
    {
        RcuDomain<TVariant> rcu = new();
        rcu.CallRcu(() => throw new FormatException());
        Assert.IsType<FormatException>(Assert.Throws<InvalidOperationException>(() => rcu.Drain()).InnerException);
    }

    private Thread StartWriter(out Func<bool> returned)
    {
        bool done = false;
        Thread writer = new(() =>
        {
            _rcu.Synchronize();
            Volatile.Write(ref done, true);
        });
        writer.Start();
        returned = () => Volatile.Read(ref done);
        return writer;
    }

    // Not a timed assertion: returns as soon as the writer blocks, which it must while a reader is inside.
    private static void AwaitSleep(Thread writer)
    {
        while ((writer.ThreadState & ThreadState.WaitSleepJoin) == 0)
        {
            Assert.True(writer.IsAlive, "the writer returned although a section that began before it goes on");
            Thread.Yield();
        }
    }

    /// <summary>A reader thread driven step by step.</summary>
    private sealed class Inside : IDisposable
    {
        private readonly object _gate = new();
        private readonly Thread _thread;
        private Action<RcuReader<TVariant>>? _step;
        private bool _stop;

        public Inside(RcuDomain<TVariant> rcu, int depth = 1)
        {
            _thread = new Thread(() =>
            {
                RcuReader<TVariant> reader = rcu.Register();
                lock (_gate)
                {
                    while (!_stop)
                    {
                        _step?.Invoke(reader);
                        Depth = reader.Depth;
                        _step = null;
                        Monitor.PulseAll(_gate);
                        Monitor.Wait(_gate);
                    }
                }
                rcu.Unregister(reader);
            });
            for (int i = 0; i < depth; i++)
            {
                if (i == 0)
                {
                    _step = r => r.Enter();
                    _thread.Start();
                    AwaitStep();
                }
                else
                {
                    Do(r => r.Enter());
                }
            }
        }

        public int Depth { get; private set; }

        public void Enter() => Do(r => r.Enter());

        public void Leave() => Do(r => r.Leave());

        public void Dispose()
        {
            lock (_gate)
            {
                _stop = true;
                Monitor.PulseAll(_gate);
            }
            _thread.Join();
        }

        private void Do(Action<RcuReader<TVariant>> step)
        {
            lock (_gate)
            {
                _step = step;
                Monitor.PulseAll(_gate);
            }
            AwaitStep();
        }

        private void AwaitStep()
        {
            lock (_gate)
            {
                while (_step is not null)
                    Monitor.Wait(_gate);
            }
        }
    }
}

public sealed class SymmetricRcuTests : RcuDomainTests<SymmetricRcu>;

public sealed class AsymmetricRcuTests : RcuDomainTests<AsymmetricRcu>;

public sealed class TwoPhaseRcuTests : RcuDomainTests<TwoPhaseRcu>
{
    [Fact]
    public void Phases_alternate_and_are_never_zero()
    {
        long first = default(TwoPhaseRcu).NextPhase(1);
        Assert.Equal(3, first);
        Assert.Equal(1, default(TwoPhaseRcu).NextPhase(first));
    }
}
