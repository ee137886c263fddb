namespace Verify.Checker.MemoryModels;

/// <summary>What the memory machine and the race detector need to know of an access.</summary>
[Flags]
public enum AccessKind
{
    Plain = 0,

    /// <summary>Volatile.Read (acquire) or Volatile.Write (release).</summary>
    Volatile = 1,

    /// <summary>The value read or written is an object reference (a handle; 0 is null).</summary>
    Reference = 2,

    /// <summary>The location is part of a heap instance: a field or an array element, not a static and not native memory.</summary>
    HeapInstance = 4,

    /// <summary>One piece of an access that is not atomic: larger than a word or misaligned.</summary>
    Piece = 8,

    /// <summary>An Interlocked operation; set by the machine.</summary>
    Interlocked = 16,

    /// <summary>The value read is a pointer: what is reached through it depends on this read.</summary>
    Pointer = 32,

    /// <summary>Plain, and meant to race: ordered as a plain access, and no data race with another of this kind or a volatile one.</summary>
    Relaxed = 64,
}

/// <summary>The four barriers of .NET.</summary>
public enum FenceKind
{
    /// <summary>Interlocked.MemoryBarrier, Thread.MemoryBarrier.</summary>
    Full,

    /// <summary>Volatile.ReadBarrier: earlier reads before later reads and writes.</summary>
    Read,

    /// <summary>Volatile.WriteBarrier: earlier reads and writes before later writes.</summary>
    Write,

    /// <summary>Interlocked.MemoryBarrierProcessWide: a full fence on every thread.</summary>
    ProcessWide,
}
