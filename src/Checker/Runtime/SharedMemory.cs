using System.Runtime.CompilerServices;
using Verify.Checker.MemoryModels;

namespace Verify.Checker.Runtime;

/// <summary>What every shim that touches shared memory goes through: a scheduling point, then the access.</summary>
/// <remarks>
/// Under sequential consistency without race detection plain accesses suffice after the point: one thread runs at a time and the hand-over of the
/// baton is a full fence. Otherwise the access goes through <see cref="ModelledMemory"/>. Off control, and once an execution has ended
/// early, it is the real one, with the ordering asked for.
/// </remarks>
internal static class SharedMemory
{
    /// <summary>What a process-wide barrier is about: no address, and yet shared.</summary>
    internal const nuint ProcessWide = 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Read<T>(ref readonly T location, int site)
    {
        if (Point(OperationKind.VolatileRead, in location, site) is not { } execution)
        {
            T real = location;
            Volatile.ReadBarrier();
            return real;
        }

        T value = execution.ActiveMemory is { } memory
            ? memory.Read(ControlledThread.Current!, in location, AccessKind.Volatile, site)
            : location;
        execution.Watch?.Loaded(value);
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Write<T>(ref T location, T value, int site)
    {
        Execution? execution = Point(OperationKind.VolatileWrite, in location, site);
        execution?.Watch?.Storing(location, value);
        if (execution?.ActiveMemory is { } memory)
        {
            memory.Write(ControlledThread.Current!, ref location, value, AccessKind.Volatile, site);
            return;
        }

        Volatile.WriteBarrier();
        location = value;
    }

    /// <summary>A scheduling point; null off control.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe Execution? Point<T>(OperationKind kind, ref readonly T location, int site)
    {
        if (ControlledThread.Current is not { } self)
        {
            return null;
        }

        self.Execution.Point(self, kind, (nuint)Unsafe.AsPointer(ref Unsafe.AsRef(in location)), site);
        return self.Execution;
    }

    /// <summary>
    /// The point of an atomic read-modify-write. Null where the shim performs it with the real instruction, which is right on and off control.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ModelledMemory? BeforeInterlocked<T>(ref readonly T location, int site)
    {
        Execution? execution = Point(OperationKind.Interlocked, in location, site);
        execution?.Watch?.Updating(in location);
        return execution?.ActiveMemory;
    }

    /// <summary>A scheduling point before a fence, and the fence in the modelled memory. True under control.</summary>
    internal static bool Fence(FenceKind kind, int site)
    {
        if (ControlledThread.Current is not { } self)
        {
            return false;
        }

        self.Execution.Point(self, OperationKind.Fence, kind == FenceKind.ProcessWide ? ProcessWide : 0, site);
        self.Execution.ActiveMemory?.Fence(self, kind);
        return true;
    }
}
