namespace Verify.Engine.Dirty;

/// <summary>How bits leave the master bitmap; a struct, so that a variant costs nothing.</summary>
public unsafe interface IMasterDrain
{
    /// <summary>Begins a drain, or a read that must not overlap one.</summary>
    void Begin(object drainLock);

    void End(object drainLock);

    /// <summary>Moves one word to the clients attached; a null pointer stands for a client that is not.</summary>
    /// <param name="master">The word to empty.</param>
    /// <param name="display">The same word of the display's bitmap.</param>
    /// <param name="migration">The same word of migration's bitmap.</param>
    /// <param name="asking">On whose behalf; must make no difference (DM17).</param>
    void Move(ulong* master, ulong* display, ulong* migration, DirtyClient asking);
}

/// <summary>Exchange with zero, or into every attached client, under the drain lock.</summary>
/// <remarks>
/// DM17: to give the bits to the asking client only loses them for the other; to load, or, and store zero loses a set in between; even to load, or,
/// and and-not the loaded bits swallows a second write to a page whose first bit the client has already taken.
/// </remarks>
public readonly unsafe struct ExchangeDrain : IMasterDrain
{
    public void Begin(object drainLock) => Monitor.Enter(drainLock);

    public void End(object drainLock) => Monitor.Exit(drainLock);

    public void Move(ulong* master, ulong* display, ulong* migration, DirtyClient asking)
    {
        ulong bits = Interlocked.Exchange(ref *master, 0);
        if (display != null)
            Interlocked.Or(ref *display, bits);
        if (migration != null)
            Interlocked.Or(ref *migration, bits);
    }
}
