using System.Runtime.InteropServices;

namespace Verify.Engine.Dirty;

/// <summary>Native memory whose first word is a generation: positive while allocated, negative once freed.</summary>
/// <remarks>
/// Freed pieces are kept, poisoned, until <c>quarantine</c> more were freed, and only then returned; a use after free within that time is the
/// assertion of whoever checks the generation, not a crash. Every piece gets a generation of its own.
/// </remarks>
internal sealed unsafe class GuardedMemory(int quarantine) : IDisposable
{
    private readonly object _lock = new();
    private readonly Queue<nint> _freed = new();  // under _lock
    private long _lastGeneration;                 // under _lock
    private long _liveBytes;                      // under _lock

    /// <summary>Bytes handed out and not freed.</summary>
    public long LiveBytes
    {
        get
        {
            lock (_lock)
                return _liveBytes;
        }
    }

    /// <summary>Zeroed but for the generation in the first word.</summary>
    public void* Allocate(long bytes)
    {
        void* piece = NativeMemory.AllocZeroed((nuint)bytes);
        lock (_lock)
        {
            _liveBytes += bytes;
            Volatile.Write(ref *(long*)piece, ++_lastGeneration);
        }
        return piece;
    }

    public void Free(void* piece, long bytes)
    {
        lock (_lock)
        {
            if (*(long*)piece <= 0)
                throw new UseAfterFreeException("A piece of dirty memory was freed twice.");
            Volatile.Write(ref *(long*)piece, -*(long*)piece);
            _liveBytes -= bytes;
            _freed.Enqueue((nint)piece);
            while (_freed.Count > quarantine)
                NativeMemory.Free((void*)_freed.Dequeue());
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            while (_freed.TryDequeue(out nint piece))
                NativeMemory.Free((void*)piece);
        }
    }
}

/// <summary>A thread used a piece of dirty memory whose generation says that it was freed.</summary>
public sealed class UseAfterFreeException(string message) : InvalidOperationException(message);
