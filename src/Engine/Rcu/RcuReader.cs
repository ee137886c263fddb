using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Verify.Engine.Rcu;

/// <summary>What a writer sees of one reader thread.</summary>
/// <remarks>
/// Registered on, and entered and left only by, the thread that owns it; no thread statics, so that a pooled or controlled thread can be many
/// readers in turn.
/// </remarks>
public abstract class RcuReader
{
    /// <summary>Kept off the lines of neighbouring objects: the owner writes here twice a section.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private protected struct State
    {
        [FieldOffset(64)] public long Phase;      // Volatile; owner writes: 0 outside, else the domain's phase at entry
        [FieldOffset(72)] public bool Waited;     // Volatile; writer sets under the registry lock, owner and writer clear
        [FieldOffset(76)] public int Depth;       // owner only
    }

    private protected State Shared;

    private protected RcuReader(Action? onForced, bool isShared)
    {
        OnForced = onForced;
        OwnerThreadId = isShared ? Shareable : Environment.CurrentManagedThreadId;
    }

    /// <summary>The owner of a reader that threads use one at a time, under a lock of theirs.</summary>
    public const int Shareable = 0;

    /// <summary>Called by a draining writer, on its thread and under the registry lock: may only kick the owner out of its section.</summary>
    public Action? OnForced { get; }

    /// <summary>The managed id of the thread that registered this reader, or <see cref="Shareable"/>.</summary>
    public int OwnerThreadId { get; }

    /// <summary>Sections the owner is inside of; meaningful on the owner's thread.</summary>
    public int Depth => Shared.Depth;

    /// <summary>The phase this reader entered in, or 0.</summary>
    public long Phase => Volatile.Read(ref Shared.Phase);

    /// <summary>Whether the section, if any, may have begun before <paramref name="phase"/>.</summary>
    public bool IsOngoing(long phase)
    {
        long entered = Phase;
        return entered != 0 && entered != phase;
    }

    internal void SetWaited(bool value) => Volatile.Write(ref Shared.Waited, value);

}

/// <summary>A reader of a domain of one variant.</summary>
public sealed class RcuReader<TVariant> : RcuReader
    where TVariant : struct, IRcuVariant
{
    private readonly RcuRegistry _registry;

    internal RcuReader(RcuRegistry registry, Action? onForced, bool isShared = false)
        : base(onForced, isShared) => _registry = registry;

    /// <summary>Begins a read section; sections nest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enter()
    {
        AssertOwner();
        if (!default(TVariant).IsOutermost(Shared.Depth++))
            return;
        Volatile.Write(ref Shared.Phase, _registry.Phase);
        // F1: the phase is visible before anything protected is loaded. Pairs with FenceBeforeScan in Synchronize.
        default(TVariant).FenceAfterEnter();
    }

    /// <summary>Ends the innermost read section.</summary>
    /// <exception cref="RcuMisuseException">The owner is outside.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Leave()
    {
        AssertOwner();
        if (Shared.Depth <= 0)
            ThrowLeaveWithoutEnter();
        if (!default(TVariant).IsOutermost(--Shared.Depth))
            return;
        // Release: the section's loads and stores stay before it.
        Volatile.Write(ref Shared.Phase, 0);
        // F2: "outside" is visible before we look whether somebody waits. Pairs with FenceAfterMarking in AwaitReaders.
        default(TVariant).FenceAfterLeave();
        if (Volatile.Read(ref Shared.Waited))
            WakeWriter();
    }

    /// <summary>Begins a section in which no other begins, for a few instructions of one operation; inside another section it is nothing.</summary>
    /// <remarks>
    /// Does not count its depth, and so has no load that waits for the store of the operation before: 2 ns less. Code between this and
    /// <see cref="LeaveLeaf"/> must not call anything that enters.
    /// </remarks>
    /// <returns>What <see cref="LeaveLeaf"/> wants to know.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool EnterLeaf()
    {
        AssertOwner();
        if (!default(TVariant).IsOutermost(Shared.Depth))
            return false;
        Debug.Assert(Phase == 0, "A leaf section was entered inside a leaf section.");
        Volatile.Write(ref Shared.Phase, _registry.Phase);
        // F1, as in Enter.
        default(TVariant).FenceAfterEnter();
        return true;
    }

    /// <summary>Ends a leaf section.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void LeaveLeaf(bool entered)
    {
        if (!entered)
            return;
        Volatile.Write(ref Shared.Phase, 0);
        // F2, as in Leave.
        default(TVariant).FenceAfterLeave();
        if (Volatile.Read(ref Shared.Waited))
            WakeWriter();
    }

    /// <summary>A section as a using block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RcuSection<TVariant> Read()
    {
        Enter();
        return new RcuSection<TVariant>(this);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WakeWriter()
    {
        SetWaited(false);
        _registry.SignalLeave();
    }

    [Conditional("DEBUG")]
    private void AssertOwner()
    {
        if (OwnerThreadId != Shareable && Environment.CurrentManagedThreadId != OwnerThreadId)
            throw new RcuMisuseException("A reader was used by a thread that does not own it: register one reader per thread, on that thread.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowLeaveWithoutEnter() =>
        throw new RcuMisuseException("Leave without Enter: every section must be left exactly as often as it was entered.");
}

/// <summary>Leaves the section it stands for when disposed.</summary>
public readonly ref struct RcuSection<TVariant>(RcuReader<TVariant> reader)
    where TVariant : struct, IRcuVariant
{
    public void Dispose() => reader.Leave();
}
