namespace Verify.Checker.MemoryModels;

/// <summary>Told of everything the machine does, in execution order; the race detector is one.</summary>
/// <remarks>
/// Locations and messages are small numbers, dense within an execution, used again after it. A message number is also used again within an
/// execution once its write has left the history; <see cref="OnWrite"/> announces each new use.
/// </remarks>
public interface IAccessObserver
{
    /// <param name="thread">The reading thread.</param>
    /// <param name="location">What is read.</param>
    /// <param name="bytes">The bytes of the 8-byte granule that are touched, bit 0 for the lowest.</param>
    /// <param name="message">The write it returned.</param>
    /// <param name="kind">How it is read.</param>
    /// <param name="site">The caller's number for the place in the code.</param>
    /// <param name="owner">Handle of the object the location is a field of; 0 for none.</param>
    void OnRead(int thread, int location, byte bytes, int message, AccessKind kind, int site, nuint owner);

    /// <param name="thread">The writing thread.</param>
    /// <param name="location">What is written.</param>
    /// <param name="bytes">The bytes of the 8-byte granule that are touched, bit 0 for the lowest.</param>
    /// <param name="message">The new write.</param>
    /// <param name="kind">How it is written.</param>
    /// <param name="site">The caller's number for the place in the code.</param>
    /// <param name="owner">Handle of the object the location is a field of; 0 for none.</param>
    /// <param name="value">The value; with <see cref="AccessKind.Reference"/> the handle of an object.</param>
    void OnWrite(int thread, int location, byte bytes, int message, AccessKind kind, int site, nuint owner, ulong value);

    /// <summary>An Interlocked operation returned the write <paramref name="read"/> and made <paramref name="written"/>, -1 if it failed.</summary>
    void OnInterlocked(
        int thread, int location, byte bytes, int read, int written, AccessKind kind, int site, nuint owner, ulong value, ulong old);

    /// <summary>A message that no instrumented access made: an initial value, or what an unseen writer left.</summary>
    void OnForeignMessage(int message);

    /// <summary>Location <paramref name="from"/> is now part of <paramref name="into"/>.</summary>
    void OnMerge(int from, int into);

    void OnFence(int thread, FenceKind kind);

    /// <summary>The thread entered, or was woken by, synchronization object <paramref name="sync"/>.</summary>
    void OnAcquire(int thread, int sync);

    /// <summary>The thread left, or signalled, synchronization object <paramref name="sync"/>.</summary>
    void OnRelease(int thread, int sync);

    void OnStart(int parent, int child);

    void OnJoin(int waiter, int child);

    /// <summary>A type's static constructor completed on the thread; every thread now sees its effects.</summary>
    void OnStaticConstructor(int thread);

    /// <summary>A new execution begins.</summary>
    void OnReset();
}
