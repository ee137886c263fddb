namespace Verify.Checker.MemoryModels;

/// <summary>Two observers of one machine.</summary>
internal sealed class ObserverPair(IAccessObserver first, IAccessObserver second) : IAccessObserver
{
    public void OnRead(int thread, int location, byte bytes, int message, AccessKind kind, int site, nuint owner)
    {
        first.OnRead(thread, location, bytes, message, kind, site, owner);
        second.OnRead(thread, location, bytes, message, kind, site, owner);
    }

    public void OnWrite(int thread, int location, byte bytes, int message, AccessKind kind, int site, nuint owner, ulong value)
    {
        first.OnWrite(thread, location, bytes, message, kind, site, owner, value);
        second.OnWrite(thread, location, bytes, message, kind, site, owner, value);
    }

    public void OnInterlocked(
        int thread, int location, byte bytes, int read, int written, AccessKind kind, int site, nuint owner, ulong value, ulong old)
    {
        first.OnInterlocked(thread, location, bytes, read, written, kind, site, owner, value, old);
        second.OnInterlocked(thread, location, bytes, read, written, kind, site, owner, value, old);
    }

    public void OnForeignMessage(int message)
    {
        first.OnForeignMessage(message);
        second.OnForeignMessage(message);
    }

    public void OnMerge(int from, int into)
    {
        first.OnMerge(from, into);
        second.OnMerge(from, into);
    }

    public void OnFence(int thread, FenceKind kind)
    {
        first.OnFence(thread, kind);
        second.OnFence(thread, kind);
    }

    public void OnAcquire(int thread, int sync)
    {
        first.OnAcquire(thread, sync);
        second.OnAcquire(thread, sync);
    }

    public void OnRelease(int thread, int sync)
    {
        first.OnRelease(thread, sync);
        second.OnRelease(thread, sync);
    }

    public void OnStart(int parent, int child)
    {
        first.OnStart(parent, child);
        second.OnStart(parent, child);
    }

    public void OnJoin(int waiter, int child)
    {
        first.OnJoin(waiter, child);
        second.OnJoin(waiter, child);
    }

    public void OnStaticConstructor(int thread)
    {
        first.OnStaticConstructor(thread);
        second.OnStaticConstructor(thread);
    }

    public void OnReset()
    {
        first.OnReset();
        second.OnReset();
    }
}
