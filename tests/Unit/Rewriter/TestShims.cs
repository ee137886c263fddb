using System.Diagnostics.CodeAnalysis;
using Verify.Checker.Shims;

namespace Verify.Tests.Unit.Rewriter.Shims;

/// <summary>The exception that <see cref="AbortShim"/> does not let anyone catch.</summary>
public sealed class TestAbort : Exception;

public sealed class ReachedException(string member) : Exception(member);

[ShimFor(typeof(Volatile))]
public static class VolatileShim
{
    public static int Read(ref readonly int location, int site)
    {
        Recorder.Called(site);
        return Volatile.Read(in location);
    }

    public static void Write(ref int location, int value, int site)
    {
        Recorder.Called(site);
        Volatile.Write(ref location, value);
    }

    public static T Read<T>([NotNullIfNotNull(nameof(location))] ref readonly T location, int site)
        where T : class?
    {
        Recorder.Called(site);
        return Volatile.Read(in location);
    }

    public static T Load<T>(ref T location, int site)
    {
        Recorder.Called(site);
        return location;
    }

    public static void Store<T>(ref T location, T value, int site)
    {
        Recorder.Called(site);
        location = value;
    }
}

[ShimFor(typeof(Interlocked))]
[PassThrough("MemoryBarrier")]
public static class InterlockedShim
{
    public static int Increment(ref int location, int site)
    {
        Recorder.Called(site);
        return Interlocked.Increment(ref location);
    }

    public static int Exchange(ref int location, int value, int site)
    {
        Recorder.Called(site);
        return Interlocked.Exchange(ref location, value);
    }

    public static T CompareExchange<T>(ref T location, T value, T comparand, int site)
    {
        Recorder.Called(site);
        return Interlocked.CompareExchange(ref location, value, comparand);
    }
}

/// <summary>Every iterator asks it for a thread; not recorded, since no line of the program does.</summary>
[ShimFor(typeof(Environment))]
public static class EnvironmentShim
{
    public static int get_CurrentManagedThreadId(int site) => Math.Min(site, 0) + 1;
}

[ShimFor(typeof(Monitor))]
public static class MonitorShim
{
    public static void Enter(object obj, ref bool lockTaken, int site)
    {
        Recorder.Called(site);
        Monitor.Enter(obj, ref lockTaken);
    }

    public static void Exit(object obj, int site)
    {
        Recorder.Called(site);
        Monitor.Exit(obj);
    }
}

[ShimFor(typeof(Thread))]
public static class ThreadShim
{
    public static Thread Create(ThreadStart start, int site)
    {
        Recorder.Called(site);
        return new Thread(start);
    }

    public static void Start(Thread self, int site)
    {
        Recorder.Called(site);
        self.Start();
    }

    public static void Join(Thread self, int site)
    {
        Recorder.Called(site);
        self.Join();
    }

    public static bool Yield(int site)
    {
        Recorder.Called(site);
        return true;
    }

    public static Thread get_CurrentThread(int site)
    {
        Recorder.Called(site);
        return Thread.CurrentThread;
    }
}

/// <summary>A struct with constructors and instance members.</summary>
[ShimFor(typeof(SpinLock))]
public static class SpinLockShim
{
    public static SpinLock Create(bool enableThreadOwnerTracking, int site)
    {
        Recorder.Called(site);
        return new SpinLock(enableThreadOwnerTracking);
    }

    public static void Enter(ref SpinLock self, ref bool lockTaken, int site)
    {
        Recorder.Called(site);
        self.Enter(ref lockTaken);
    }

    public static void Exit(ref SpinLock self, int site)
    {
        Recorder.Called(site);
        self.Exit();
    }
}

/// <summary>A generic type with a generic shim class.</summary>
[ShimFor(typeof(ThreadLocal<>))]
[PassThrough("Dispose")]
public static class ThreadLocalShim<T>
{
    public static ThreadLocal<T> Create(Func<T> valueFactory, int site)
    {
        Recorder.Called(site);
        return new ThreadLocal<T>(valueFactory);
    }

    public static T? get_Value(ThreadLocal<T> self, int site)
    {
        Recorder.Called(site);
        return self.Value;
    }
}

/// <summary>A generic type whose parameters come first on each method.</summary>
[ShimFor(typeof(AsyncLocal<>))]
public static class AsyncLocalShim
{
    public static AsyncLocal<T> Create<T>(int site)
    {
        Recorder.Called(site);
        return new AsyncLocal<T>();
    }

    public static T? get_Value<T>(AsyncLocal<T> self, int site)
    {
        Recorder.Called(site);
        return self.Value;
    }

    public static void set_Value<T>(AsyncLocal<T> self, T? value, int site)
    {
        Recorder.Called(site);
        self.Value = value!;
    }
}

[ShimFor(typeof(SemaphoreSlim))]
[PassThrough("CurrentCount", "Dispose")]
public static class SemaphoreSlimShim
{
    public static SemaphoreSlim Create(int initialCount, int site)
    {
        Recorder.Called(site);
        return new SemaphoreSlim(initialCount);
    }

    public static int Release(SemaphoreSlim self, int site)
    {
        Recorder.Called(site);
        return self.Release();
    }

    public static bool Wait(SemaphoreSlim self, int millisecondsTimeout, int site)
    {
        Recorder.Called(site);
        return self.Wait(millisecondsTimeout);
    }
}

public static class AbortShim
{
    public static void OnCatch(object? exception)
    {
        if (exception is TestAbort)
        {
            throw new TestAbort();
        }
    }

    public static bool MayFilter(object? exception) => exception is not TestAbort;
}

public static class UncontrolledShim
{
    public static void Reached(string member, int site)
    {
        Recorder.Called(site);
        throw new ReachedException(member);
    }
}

public static class PlainShim
{
    public static T Load<T>(ref T location, int site)
    {
        Recorder.Called(site);
        return location;
    }

    public static void Store<T>(ref T location, T value, int site)
    {
        Recorder.Called(site);
        location = value;
    }
}
