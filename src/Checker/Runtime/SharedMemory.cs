using System.Runtime.CompilerServices;

namespace Verify.Checker.Runtime;

/// <summary>What every shim that touches shared memory goes through: a scheduling point, then the access.</summary>
/// <remarks>
/// Plain accesses suffice after the point: one thread runs at a time and the hand-over of the baton is a full fence, so this is
/// sequential consistency. Off control the access is the real one, with the ordering asked for.
/// </remarks>
internal static class SharedMemory
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Read<T>(ref readonly T location, int site)
    {
        IExecutionWatch? watch = ControlledThread.Point(OperationKind.VolatileRead, ref Unsafe.As<T, byte>(ref Unsafe.AsRef(in location)), site);
        T value = location;
        ReadFence();
        watch?.Loaded(value);
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Write<T>(ref T location, T value, int site)
    {
        IExecutionWatch? watch = ControlledThread.Point(OperationKind.VolatileWrite, ref Unsafe.As<T, byte>(ref location), site);
        watch?.Storing(location, value);
        WriteFence();
        location = value;
    }

    // Off control only: acquire and release around the plain access.
    private static void ReadFence() => Volatile.ReadBarrier();

    private static void WriteFence() => Volatile.WriteBarrier();

    /// <summary>The point of an atomic read-modify-write; the shim performs it with the real instruction, which is right on and off control.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void BeforeInterlocked<T>(ref readonly T location, int site) =>
        ControlledThread.Point(OperationKind.Interlocked, ref Unsafe.As<T, byte>(ref Unsafe.AsRef(in location)), site)?.Updating(in location);
}
