namespace Verify.Engine.Dirty;

/// <summary>The shared side of a design: growth, and clients that come and go.</summary>
/// <remarks>All members may be called while other threads use their views, but not inside a read section of the calling thread.</remarks>
public interface IDirtyMemoryDesign : IDisposable
{
    long PageCount { get; }

    DirtyClients EnabledClients { get; }

    /// <summary>Bytes of bitmaps or flags allocated and in use; falls when a client is dropped, in designs that save memory.</summary>
    long BitmapBytes { get; }

    /// <summary>The calling thread's view. Boxed here; each design also has a typed method.</summary>
    IDirtyMemory Attach();

    /// <summary>A view for threads that use it one at a time, under a lock of theirs.</summary>
    IDirtyMemory AttachShared() => Attach();

    /// <summary>Tracks more pages, all clean; fewer than now is not an error and changes nothing (grow only, DM05, DM06).</summary>
    /// <remarks>To be called before the new memory is reachable; afterwards it is marked dirty.</remarks>
    void Extend(long pages);

    /// <summary>Makes a client used: from its first clear on it misses no write that was made before or since. All its pages are dirty at
    /// first.</summary>
    void Enable(DirtyClient client);

    /// <summary>Nobody uses the client any more: sets cost nothing and its bitmap is given up.</summary>
    void Drop(DirtyClient client);

    /// <summary>Returns memory of dropped clients that only a stop of all users makes safe to return. Call while no other thread uses a
    /// view.</summary>
    void ReclaimDropped();
}
