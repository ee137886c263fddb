// Single-threaded uses of each modelled type, told as text: SemanticsTests runs them on the real types and under control and compares.
using System.Globalization;

public static partial class Probe
{
    static string Tell(Func<object> operation)
    {
        try
        {
            return Convert.ToString(operation(), CultureInfo.InvariantCulture) ?? "null";
        }
        catch (Exception e) when (e.GetType().Name != "ExecutionAbortException")
        {
            return e.GetType().Name;
        }
    }

    static object Do(Action operation)
    {
        operation();
        return "done";
    }

    public static string Run(string type, int[] choices)
    {
        Func<object>[] operations = Operations(type);
        return string.Join(" ", choices.Select(c => (c % operations.Length) + ":" + Tell(operations[c % operations.Length])));
    }

    static Func<object>[] Operations(string type) => type switch
    {
        "OfMonitor" => OfMonitor(),
        "OfLock" => OfLock(),
        "OfSemaphoreSlim" => OfSemaphoreSlim(),
        "OfSemaphore" => OfSemaphore(),
        "OfMutex" => OfMutex(),
        "OfManualResetEvent" => OfManualResetEvent(),
        "OfAutoResetEvent" => OfAutoResetEvent(),
        "OfEventWaitHandle" => OfEventWaitHandle(),
        "OfWaitHandle" => OfWaitHandle(),
        "OfManualResetEventSlim" => OfManualResetEventSlim(),
        "OfCountdownEvent" => OfCountdownEvent(),
        "OfBarrier" => OfBarrier(),
        "OfBarrierWithAction" => OfBarrierWithAction(),
        "OfReaderWriterLockSlim" => OfReaderWriterLockSlim(),
        "OfReaderWriterLockSlimRecursive" => OfReaderWriterLockSlimRecursive(),
        "OfSpinLock" => OfSpinLock(),
        "OfSpinLockWithoutOwner" => OfSpinLockWithoutOwner(),
        "OfCancellation" => OfCancellation(),
        "OfLazy" => OfLazy(),
        "OfLazyPublicationOnly" => OfLazyPublicationOnly(),
        "OfLazyUnsafe" => OfLazyUnsafe(),
        "OfThreadLocal" => OfThreadLocal(),
        "OfLazyInitializer" => OfLazyInitializer(),
        "OfInterlocked" => OfInterlocked(),
        "OfThread" => OfThread(),
        _ => throw new ArgumentException(type),
    };

    static CancellationToken Cancelled => new(true);

    static Func<object>[] OfMonitor()
    {
        object o = new();
        bool taken = false;
        return
        [
            () => Do(() => Monitor.Enter(o)),
            () => Do(() => Monitor.Exit(o)),
            () => Monitor.TryEnter(o),
            () => Monitor.TryEnter(o, 1),
            () => Monitor.TryEnter(o, -2),
            () => Do(() => Monitor.TryEnter(o, ref taken)) + " " + taken,
            () => { taken = false; return "reset"; },
            () => Monitor.Wait(o, 0),
            () => Monitor.Wait(o, 1),
            () => Monitor.Wait(o, -2),
            () => Do(() => Monitor.Pulse(o)),
            () => Do(() => Monitor.PulseAll(o)),
            () => Monitor.IsEntered(o),
            () => Do(() => Monitor.Enter(null)),
            () => Do(() => Monitor.Enter(o, ref taken)),
        ];
    }

    static Func<object>[] OfLock()
    {
        Lock l = new();
        return
        [
            () => Do(l.Enter),
            () => Do(l.Exit),
            () => l.TryEnter(),
            () => l.TryEnter(1),
            () => l.TryEnter(-2),
            () => l.TryEnter(TimeSpan.FromMilliseconds(1)),
            () => l.IsHeldByCurrentThread,
            () => { using (l.EnterScope()) return l.IsHeldByCurrentThread; },
            () => { lock (l) return l.IsHeldByCurrentThread; },
        ];
    }

    static Func<object>[] OfSemaphoreSlim()
    {
        SemaphoreSlim s = new(1, 3);
        return
        [
            () => s.Wait(0),
            () => s.Wait(1),
            () => s.Wait(-2),
            () => s.Wait(0, Cancelled),
            () => s.Release(),
            () => s.Release(2),
            () => s.Release(0),
            () => s.CurrentCount,
            () => s.AvailableWaitHandle.WaitOne(0),
            () => Do(s.Dispose),
        ];
    }

    static Func<object>[] OfSemaphore()
    {
        Semaphore s = new(1, 3);
        return
        [
            () => s.WaitOne(0), () => s.WaitOne(1), () => s.WaitOne(-2), () => s.Release(), () => s.Release(2), () => s.Release(0), () => Do(s.Dispose), () => Do(s.Close),
        ];
    }

    static Func<object>[] OfMutex()
    {
        Mutex m = new();
        return [() => m.WaitOne(0), () => m.WaitOne(1), () => m.WaitOne(), () => Do(m.ReleaseMutex), () => Do(m.ReleaseMutex), () => Do(m.Dispose)];
    }

    static Func<object>[] OfManualResetEvent() => Event(new ManualResetEvent(false));

    static Func<object>[] OfAutoResetEvent() => Event(new AutoResetEvent(true));

    static Func<object>[] OfEventWaitHandle() => Event(new EventWaitHandle(true, EventResetMode.AutoReset));

    static Func<object>[] Event(EventWaitHandle e) =>
        [() => e.WaitOne(0), () => e.WaitOne(1), () => e.Set(), () => e.Reset(), () => e.WaitOne(0), () => e.WaitOne(TimeSpan.FromDays(100)), () => Do(e.Dispose)];

    static Func<object>[] OfWaitHandle()
    {
        AutoResetEvent a = new(true), b = new(false);
        ManualResetEvent c = new(false);
        Semaphore s = new(1, 2);
        return
        [
            () => WaitHandle.WaitAny([a, b, c, s], 0),
            () => WaitHandle.WaitAny([c, b], 1),
            () => WaitHandle.WaitAll([a, c], 0),
            () => WaitHandle.WaitAll([a, a], 0),
            () => WaitHandle.WaitAll([], 0),
            () => WaitHandle.WaitAny([a, null], 0),
            () => WaitHandle.WaitAny(null, 0),
            () => WaitHandle.WaitAny([a], -2),
            () => WaitHandle.SignalAndWait(b, a, 0, false),
            () => WaitHandle.SignalAndWait(s, c, 0, false),
            () => a.Set(),
            () => c.Set(),
            () => c.Reset(),
            () => Do(c.Dispose),
        ];
    }

    static Func<object>[] OfManualResetEventSlim()
    {
        ManualResetEventSlim e = new();
        return
        [
            () => e.Wait(0), () => e.Wait(1), () => e.Wait(-2), () => e.Wait(0, Cancelled), () => Do(e.Set), () => Do(e.Reset), () => e.IsSet, () => e.WaitHandle.WaitOne(0),
            () => Do(e.Dispose),
        ];
    }

    static Func<object>[] OfCountdownEvent()
    {
        CountdownEvent c = new(2);
        return
        [
            () => c.Signal(), () => c.Signal(2), () => c.Signal(0), () => Do(() => c.AddCount()), () => Do(() => c.AddCount(2)), () => c.TryAddCount(), () => c.TryAddCount(0),
            () => Do(c.Reset), () => Do(() => c.Reset(1)), () => Do(() => c.Reset(-1)), () => c.Wait(0), () => c.Wait(1), () => c.Wait(0, Cancelled), () => c.CurrentCount,
            () => c.InitialCount, () => c.IsSet, () => c.WaitHandle.WaitOne(0), () => Do(c.Dispose),
        ];
    }

    static Func<object>[] OfBarrier() => Barriers(null);

    static Func<object>[] OfBarrierWithAction() => Barriers(_ => throw new FormatException());

    static Func<object>[] Barriers(Action<Barrier> action)
    {
        Barrier b = new(1, action);
        return
        [
            () => b.SignalAndWait(0), () => b.SignalAndWait(1), () => b.SignalAndWait(0, Cancelled), () => b.SignalAndWait(-2), () => b.AddParticipant(), () => b.AddParticipants(0),
            () => Do(b.RemoveParticipant), () => Do(() => b.RemoveParticipants(5)), () => Do(() => b.RemoveParticipants(0)), () => b.ParticipantCount,
            () => b.ParticipantsRemaining, () => b.CurrentPhaseNumber, () => Do(b.Dispose),
        ];
    }

    static Func<object>[] OfReaderWriterLockSlim() => ReaderWriter(new());

    static Func<object>[] OfReaderWriterLockSlimRecursive() => ReaderWriter(new(LockRecursionPolicy.SupportsRecursion));

    static Func<object>[] ReaderWriter(ReaderWriterLockSlim l) =>
    [
        () => l.TryEnterReadLock(0), () => l.TryEnterUpgradeableReadLock(0), () => l.TryEnterWriteLock(0), () => l.TryEnterReadLock(-2), () => Do(l.EnterReadLock),
        () => Do(l.EnterUpgradeableReadLock), () => Do(l.ExitReadLock), () => Do(l.ExitUpgradeableReadLock), () => Do(l.ExitWriteLock),
        () => $"{l.IsReadLockHeld} {l.IsUpgradeableReadLockHeld} {l.IsWriteLockHeld}",
        () => $"{l.RecursiveReadCount} {l.RecursiveUpgradeCount} {l.RecursiveWriteCount}", () => l.CurrentReadCount,
        () => $"{l.WaitingReadCount} {l.WaitingUpgradeCount} {l.WaitingWriteCount}", () => l.TryEnterWriteLock(1), () => Do(l.Dispose),
    ];

    static Func<object>[] OfSpinLock() => Spin(true);

    static Func<object>[] OfSpinLockWithoutOwner() => Spin(false);

    static Func<object>[] Spin(bool tracked)
    {
        SpinLock l = new(tracked);
        bool taken = false;
        return
        [
            () => Do(() => l.TryEnter(ref taken)) + " " + taken, () => { taken = false; return "reset"; }, () => Do(l.Exit), () => Do(() => l.Exit(false)), () => l.IsHeld,
            () => l.IsHeldByCurrentThread, () => Do(() => l.TryEnter(1, ref taken)) + " " + taken, () => Do(() => l.TryEnter(-2, ref taken)), () => l.IsThreadOwnerTrackingEnabled,
        ];
    }

    static Func<object>[] OfCancellation()
    {
        CancellationTokenSource c = new();
        CancellationToken first = c.Token;
        string called = "";
        CancellationTokenRegistration r = default;
        CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(first, CancellationToken.None);
        return
        [
            () => Do(c.Cancel), () => Do(() => c.Cancel(true)), () => c.IsCancellationRequested, () => c.Token.IsCancellationRequested, () => first.IsCancellationRequested,
            () => first.CanBeCanceled, () => Do(() => r = first.Register(() => called += "r")), () => Do(() => r.Dispose()), () => r.Unregister(), () => r.Token == first,
            () => Do(() => first.Register(x => called += x, "s")), () => Do(() => first.Register(() => throw new FormatException())), () => called,
            () => Do(first.ThrowIfCancellationRequested), () => c.TryReset(), () => Do(() => c.CancelAfter(-1)), () => Do(() => c.CancelAfter(-2)), () => first.WaitHandle.WaitOne(0),
            () => linked.IsCancellationRequested, () => Do(linked.Dispose), () => Do(c.Dispose), () => first == linked.Token,
        ];
    }

    static Func<object>[] OfLazy() => Lazies(LazyThreadSafetyMode.ExecutionAndPublication);

    static Func<object>[] OfLazyPublicationOnly() => Lazies(LazyThreadSafetyMode.PublicationOnly);

    static Func<object>[] OfLazyUnsafe() => Lazies(LazyThreadSafetyMode.None);

    static Func<object>[] Lazies(LazyThreadSafetyMode mode)
    {
        int made = 0, tried = 0;
        Lazy<int> good = new(() => ++made, mode), bad = new(() => tried++ == 0 ? throw new FormatException(tried.ToString()) : tried, mode), self = null;
        Lazy<object> plain = new(mode);
        self = new(() => self.Value + 1, mode);
        return
        [
            () => good.Value, () => good.IsValueCreated, () => bad.Value, () => bad.IsValueCreated, () => mode == LazyThreadSafetyMode.PublicationOnly ? "" : self.Value,
            () => plain.Value.GetType(), () => plain.IsValueCreated, () => new Lazy<int>(5).IsValueCreated, () => made + " " + tried, () => new Lazy<string>(mode).Value,
        ];
    }

    static Func<object>[] OfThreadLocal()
    {
        int made = 0;
        ThreadLocal<int> l = new(() => ++made, trackAllValues: true), untracked = new();
        return
        [
            () => l.Value, () => l.Value = 7, () => l.IsValueCreated, () => string.Join(",", l.Values), () => untracked.Value, () => untracked.Values, () => untracked.Value = 3,
            () => Do(l.Dispose), () => made,
        ];
    }

    static Func<object>[] OfLazyInitializer()
    {
        object a = null, b = null, gate = null;
        bool done = false;
        int made = 0;
        return
        [
            () => LazyInitializer.EnsureInitialized(ref a, () => (object)++made), () => LazyInitializer.EnsureInitialized(ref a).GetType(), () => a = null,
            () => LazyInitializer.EnsureInitialized(ref b, ref done, ref gate, () => (object)++made), () => done, () => gate is null, () => a = null,
            () => LazyInitializer.EnsureInitialized(ref a, () => null), () => LazyInitializer.EnsureInitialized(ref a, ref gate, () => (object)++made),
        ];
    }

    static Func<object>[] OfInterlocked()
    {
        byte b = 0; sbyte sb = 0; short sh = 0; ushort us = 0; int i = 0; uint ui = 0; long l = 0; ulong ul = 0; nint n = 0; nuint nu = 0; float f = 0; double d = 0;
        object o = null; string s = null; DayOfWeek e = default; bool t = false; char c = 'a';
        return
        [
            () => Interlocked.Exchange(ref b, (byte)200) + " " + b, () => Interlocked.CompareExchange(ref b, (byte)1, (byte)200) + " " + b,
            () => Interlocked.Exchange(ref sb, (sbyte)-3) + " " + sb, () => Interlocked.CompareExchange(ref sb, (sbyte)4, (sbyte)-3) + " " + sb,
            () => Interlocked.Exchange(ref sh, (short)-300) + " " + sh, () => Interlocked.CompareExchange(ref sh, (short)9, (short)-300) + " " + sh,
            () => Interlocked.Exchange(ref us, (ushort)60000) + " " + us, () => Interlocked.CompareExchange(ref us, (ushort)9, (ushort)60000) + " " + us,
            () => Interlocked.Increment(ref i) + " " + i, () => Interlocked.Decrement(ref i), () => Interlocked.Add(ref i, int.MaxValue), () => Interlocked.And(ref i, 0xF0F) + " " + i,
            () => Interlocked.Or(ref i, 0x10) + " " + i, () => Interlocked.Exchange(ref i, 7), () => Interlocked.CompareExchange(ref i, 8, 7) + " " + i,
            () => Interlocked.Increment(ref ui), () => Interlocked.Decrement(ref ui), () => Interlocked.Add(ref ui, 5u), () => Interlocked.And(ref ui, 6u) + " " + ui,
            () => Interlocked.Or(ref ui, 8u), () => Interlocked.Exchange(ref ui, 1u), () => Interlocked.CompareExchange(ref ui, 2u, 1u) + " " + ui,
            () => Interlocked.Increment(ref l), () => Interlocked.Decrement(ref l), () => Interlocked.Add(ref l, 1L << 40), () => Interlocked.And(ref l, -2L) + " " + l,
            () => Interlocked.Or(ref l, 8L), () => Interlocked.Exchange(ref l, 3), () => Interlocked.CompareExchange(ref l, 4, 3) + " " + l, () => Interlocked.Read(ref l),
            () => Interlocked.Increment(ref ul), () => Interlocked.Decrement(ref ul), () => Interlocked.Add(ref ul, 1UL << 63), () => Interlocked.And(ref ul, 3UL) + " " + ul,
            () => Interlocked.Or(ref ul, 9UL), () => Interlocked.Exchange(ref ul, 2), () => Interlocked.CompareExchange(ref ul, 5, 2) + " " + ul, () => Interlocked.Read(ref ul),
            () => Interlocked.Exchange(ref n, 5) + " " + n, () => Interlocked.CompareExchange(ref n, 6, 5) + " " + n, () => Interlocked.Exchange(ref nu, (nuint)5) + " " + nu,
            () => Interlocked.CompareExchange(ref nu, (nuint)6, (nuint)5) + " " + nu, () => Interlocked.Exchange(ref f, 1.5f) + " " + f,
            () => Interlocked.CompareExchange(ref f, float.NaN, 1.5f) + " " + f, () => Interlocked.CompareExchange(ref f, 0f, -0f) + " " + f, () => Interlocked.Exchange(ref d, -2.5) + " " + d,
            () => Interlocked.CompareExchange(ref d, 0, -2.5) + " " + d, () => Interlocked.Exchange(ref o, "x"), () => Interlocked.CompareExchange(ref o, "y", null), () => o,
            () => Interlocked.Exchange(ref s, "x"), () => Interlocked.CompareExchange(ref s, null, "x"), () => s, () => Interlocked.Exchange(ref e, DayOfWeek.Friday) + " " + e,
            () => Interlocked.CompareExchange(ref e, DayOfWeek.Monday, DayOfWeek.Friday) + " " + e,
            () => Interlocked.Exchange(ref t, true), () => Interlocked.CompareExchange(ref t, false, true) + " " + t,
            () => Interlocked.Exchange(ref c, 'z'), () => Interlocked.CompareExchange(ref c, 'y', 'z') + " " + c, () => Volatile.Read(ref d), () => Do(() => Volatile.Write(ref f, 3f)),
        ];
    }

    static Func<object>[] OfThread()
    {
        int ran = 0;
        Thread made = new(() => ran++), other = new(x => ran += (int)x) { Name = "other" };
        return
        [
            () => Do(() => { made.Start(); made.Join(); }), () => Do(() => { other.Start(2); other.Join(); }), () => made.IsAlive, () => made.ThreadState, () => made.Join(0),
            () => Do(other.Join), () => made.Name, () => made.Name = "made", () => other.Name, () => made.IsBackground, () => made.IsBackground = true, () => other.IsBackground = false,
            () => ran, () => Do(() => new Thread((ThreadStart)null)), () => Do(() => made.Start(1)), () => made.Priority, () => made.Join(-2), () => Do(() => Thread.Sleep(-2)),
            () => made.IsThreadPoolThread, () => Thread.CurrentThread.IsAlive,
            () => Do(() => { Thread.CurrentThread.Interrupt(); Thread.Sleep(1); }), () => Do(() => { lock (made) { Thread.CurrentThread.Interrupt(); Monitor.Wait(made, 1); } }),
        ];
    }
}
