using System.Runtime.CompilerServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="Thread"/>. Under control a thread object is only a name for a controlled thread; it is never started.</summary>
[ShimFor(typeof(Thread))]
[PassThrough(
    "get_CurrentUICulture", "get_CurrentCulture", "GetDomain", "GetDomainID", "GetCurrentProcessorId", "BeginCriticalRegion", "EndCriticalRegion",
    "BeginThreadAffinity", "EndThreadAffinity")]
public static partial class ThreadShim
{
    // Keyed by the object of the program; an entry lives as long as that object does.
    private static readonly ConditionalWeakTable<Thread, ThreadRecord> s_records = [];

    public static Thread Create(ThreadStart start, int site) => Make(start) ?? new Thread(start);

    public static Thread Create(ThreadStart start, int maxStackSize, int site) => Make(start) ?? new Thread(start, maxStackSize);

    public static Thread Create(ParameterizedThreadStart start, int site) => Make(start) ?? new Thread(start);

    public static Thread Create(ParameterizedThreadStart start, int maxStackSize, int site) => Make(start) ?? new Thread(start, maxStackSize);

    public static void Start(Thread self, int site)
    {
        if (Record(self) is { } record)
        {
            Start(self, record, withArgument: false, null, site);
        }
        else
        {
            self.Start();
        }
    }

    public static void Start(Thread self, object? parameter, int site)
    {
        if (Record(self) is { } record)
        {
            Start(self, record, withArgument: true, parameter, site);
        }
        else
        {
            self.Start(parameter);
        }
    }

    // Without the execution context, which controlled threads do not carry anyway.
    public static void UnsafeStart(Thread self, int site)
    {
        if (Record(self) is { } record)
        {
            Start(self, record, withArgument: false, null, site);
        }
        else
        {
            self.UnsafeStart();
        }
    }

    public static void UnsafeStart(Thread self, object? parameter, int site)
    {
        if (Record(self) is { } record)
        {
            Start(self, record, withArgument: true, parameter, site);
        }
        else
        {
            self.UnsafeStart(parameter);
        }
    }

    private static void Start(Thread self, ThreadRecord record, bool withArgument, object? argument, int site)
    {

        if (record.Controlled is not null)
        {
            throw new ThreadStateException("Thread is running or terminated; it cannot restart.");
        }

        record.Body = record.Start switch
        {
            ThreadStart when withArgument => throw new InvalidOperationException(
                "The thread was created with a ThreadStart delegate that does not accept a parameter."),
            ThreadStart start => () => start(),
            ParameterizedThreadStart start => () => start(argument),
            _ => throw new InvalidOperationException("unexpected start delegate"),
        };
        ControlledThread current = ControlledThread.Current!;
        current.Execution.Start(current, record, site);
        record.Controlled?.Object = self;
    }

    public static void Join(Thread self, int site) => Join(self, Timeout.Infinite, site);

    public static bool Join(Thread self, TimeSpan timeout, int site) => Join(self, Timeouts.Milliseconds(timeout), site);

    public static bool Join(Thread self, int millisecondsTimeout, int site)
    {
        if (Record(self) is not { } record)
        {
            return self.Join(millisecondsTimeout);
        }

        Timeouts.Check(millisecondsTimeout);
        if (record.Controlled is not { } target)
        {
            throw new ThreadStateException("Thread has not been started.");
        }

        ControlledThread current = ControlledThread.Current!;
        return current.Execution.Join(current, target, millisecondsTimeout, site);
    }

    public static void Sleep(int millisecondsTimeout, int site)
    {
        if (ControlledThread.Current is not { } self)
        {
            Thread.Sleep(millisecondsTimeout);
            return;
        }

        Timeouts.Check(millisecondsTimeout);
        if (!self.Execution.Aborting)
        {
            Execution.ThrowIfInterrupted(self);
        }

        if (millisecondsTimeout == Timeout.Infinite)
        {
            self.Execution.Wait(self, new Never(self.Execution), null, Timeout.Infinite, site);
            return;
        }

        ControlledThread.Point(OperationKind.Yield, site);
        if (millisecondsTimeout > 0 && !self.Execution.Aborting)
        {
            Execution.ThrowIfInterrupted(self); // it came while this thread slept
        }
    }

    public static void Sleep(TimeSpan timeout, int site) => Sleep(Timeouts.Milliseconds(timeout), site);

    public static bool Yield(int site)
    {
        if (ControlledThread.Current is null)
        {
            return Thread.Yield();
        }

        ControlledThread.Point(OperationKind.Yield, site);
        return true;
    }

    public static void SpinWait(int iterations, int site)
    {
        if (ControlledThread.Current is null)
        {
            Thread.SpinWait(iterations);
            return;
        }

        ControlledThread.Point(OperationKind.Yield, site);
    }

    public static void MemoryBarrier(int site) => InterlockedShim.MemoryBarrier(site);

    public static Thread get_CurrentThread(int site)
    {
        if (ControlledThread.Current is not { } self)
        {
            return Thread.CurrentThread;
        }

        if (self.Object is null)
        {
            self.Object = Make(new ThreadStart(static () => { }))!;
            s_records.TryGetValue(self.Object, out ThreadRecord? record);
            record!.Controlled = self;
            record.Name = self.Name;
        }

        return self.Object;
    }

    public static string? get_Name(Thread self, int site) => Record(self) is { } record ? record.Name : self.Name;

    public static void set_Name(Thread self, string? value, int site)
    {
        if (Record(self) is not { } record)
        {
            self.Name = value;
            return;
        }

        record.Name = value;
        if (record.Controlled is { } controlled && value is not null)
        {
            controlled.Name = value;
        }
    }

    public static bool get_IsBackground(Thread self, int site) => Living(self) is { } record ? record.IsBackground : self.IsBackground;

    public static void set_IsBackground(Thread self, bool value, int site)
    {
        if (Living(self) is not { } record)
        {
            self.IsBackground = value;
            return;
        }

        record.IsBackground = value;
        if (record.Controlled is { } controlled)
        {
            controlled.IsBackground = value;
        }
    }

    public static ThreadPriority get_Priority(Thread self, int site) => Living(self) is { } record ? record.Priority : self.Priority;

    public static void set_Priority(Thread self, ThreadPriority value, int site)
    {
        if (Living(self) is { } record)
        {
            record.Priority = value; // a hint to the operating system, which does not schedule controlled threads
        }
        else
        {
            self.Priority = value;
        }
    }

    public static bool get_IsAlive(Thread self, int site)
    {
        if (Record(self) is not { } record)
        {
            return self.IsAlive;
        }

        ControlledThread.Point(OperationKind.ThreadJoin, site); // another thread's end can be observed here
        return record.Controlled is { Finished: false };
    }

    public static int get_ManagedThreadId(Thread self, int site) =>
        Record(self) is { } record ? record.Controlled is { } controlled ? controlled.Id + 1 : 0 : self.ManagedThreadId;

    public static int GetHashCode(Thread self, int site) => get_ManagedThreadId(self, site);

    // Null off control. Without its constructor the object never reaches the operating system, which would cost microseconds each.
    private static Thread? Make(Delegate start)
    {
        if (ControlledThread.Current is null)
        {
            return null;
        }

        ArgumentNullException.ThrowIfNull(start);
        var thread = (Thread)RuntimeHelpers.GetUninitializedObject(typeof(Thread));
        GC.SuppressFinalize(thread);
        s_records.Add(thread, new ThreadRecord { Start = start });
        return thread;
    }

    // What the framework no longer tells of a thread that has ended.
    private static ThreadRecord? Living(Thread self) => Record(self) is { Controlled.Finished: true }
        ? throw new ThreadStateException("Thread is dead; state cannot be accessed.")
        : Record(self);

    private static ThreadRecord? Record(Thread self)
    {
        ArgumentNullException.ThrowIfNull(self);
        return s_records.TryGetValue(self, out ThreadRecord? record) ? record : null;
    }
}
