using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="Interlocked"/>: every width and generic form.</summary>
[ShimFor(typeof(Interlocked))]
public static class InterlockedShim
{
    private static ControlledThread Self => ControlledThread.Current!;

    public static int Add(ref int location, int value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Add(Self, ref location, value, site) + value
            : Interlocked.Add(ref location, value);

    public static int And(ref int location, int value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.And(Self, ref location, value, site)
            : Interlocked.And(ref location, value);

    public static int Or(ref int location, int value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Or(Self, ref location, value, site)
            : Interlocked.Or(ref location, value);

    public static int Increment(ref int location, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Add(Self, ref location, 1, site) + 1
            : Interlocked.Increment(ref location);

    public static int Decrement(ref int location, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Add(Self, ref location, -1, site) - 1
            : Interlocked.Decrement(ref location);

    public static long Add(ref long location, long value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Add(Self, ref location, value, site) + value
            : Interlocked.Add(ref location, value);

    public static long And(ref long location, long value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.And(Self, ref location, value, site)
            : Interlocked.And(ref location, value);

    public static long Or(ref long location, long value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Or(Self, ref location, value, site)
            : Interlocked.Or(ref location, value);

    public static long Increment(ref long location, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Add(Self, ref location, (long)1, site) + 1
            : Interlocked.Increment(ref location);

    public static long Decrement(ref long location, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Add(Self, ref location, (long)-1, site) - 1
            : Interlocked.Decrement(ref location);

    public static uint Add(ref uint location, uint value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Add(Self, ref location, value, site) + value
            : Interlocked.Add(ref location, value);

    public static uint And(ref uint location, uint value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.And(Self, ref location, value, site)
            : Interlocked.And(ref location, value);

    public static uint Or(ref uint location, uint value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Or(Self, ref location, value, site)
            : Interlocked.Or(ref location, value);

    public static uint Increment(ref uint location, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Add(Self, ref location, (uint)1, site) + 1
            : Interlocked.Increment(ref location);

    public static uint Decrement(ref uint location, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Add(Self, ref location, uint.MaxValue, site) - 1
            : Interlocked.Decrement(ref location);

    public static ulong Add(ref ulong location, ulong value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Add(Self, ref location, value, site) + value
            : Interlocked.Add(ref location, value);

    public static ulong And(ref ulong location, ulong value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.And(Self, ref location, value, site)
            : Interlocked.And(ref location, value);

    public static ulong Or(ref ulong location, ulong value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Or(Self, ref location, value, site)
            : Interlocked.Or(ref location, value);

    public static ulong Increment(ref ulong location, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Add(Self, ref location, (ulong)1, site) + 1
            : Interlocked.Increment(ref location);

    public static ulong Decrement(ref ulong location, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Add(Self, ref location, ulong.MaxValue, site) - 1
            : Interlocked.Decrement(ref location);

    public static long Read(ref readonly long location, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref Unsafe.AsRef(in location), 0, 0, site)
            : Interlocked.Read(in location);

    public static ulong Read(ref readonly ulong location, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref Unsafe.AsRef(in location), 0UL, 0UL, site)
            : Interlocked.Read(in location);

    public static byte Exchange(ref byte location, byte value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    public static byte CompareExchange(ref byte location, byte value, byte comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    public static double Exchange(ref double location, double value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    public static double CompareExchange(ref double location, double value, double comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    public static short Exchange(ref short location, short value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    public static short CompareExchange(ref short location, short value, short comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    public static int Exchange(ref int location, int value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    public static int CompareExchange(ref int location, int value, int comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    public static long Exchange(ref long location, long value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    public static long CompareExchange(ref long location, long value, long comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    public static nint Exchange(ref nint location, nint value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    public static nint CompareExchange(ref nint location, nint value, nint comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    [return: NotNullIfNotNull(nameof(location))]
    public static object? Exchange([NotNullIfNotNull(nameof(value))] ref object? location, object? value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    [return: NotNullIfNotNull(nameof(location))]
    public static object? CompareExchange(ref object? location, object? value, object? comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    public static sbyte Exchange(ref sbyte location, sbyte value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    public static sbyte CompareExchange(ref sbyte location, sbyte value, sbyte comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    public static float Exchange(ref float location, float value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    public static float CompareExchange(ref float location, float value, float comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    public static ushort Exchange(ref ushort location, ushort value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    public static ushort CompareExchange(ref ushort location, ushort value, ushort comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    public static uint Exchange(ref uint location, uint value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    public static uint CompareExchange(ref uint location, uint value, uint comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    public static ulong Exchange(ref ulong location, ulong value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    public static ulong CompareExchange(ref ulong location, ulong value, ulong comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    public static nuint Exchange(ref nuint location, nuint value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    public static nuint CompareExchange(ref nuint location, nuint value, nuint comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    [return: NotNullIfNotNull(nameof(location))]
    public static T Exchange<T>([NotNullIfNotNull(nameof(value))] ref T location, T value, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.Exchange(Self, ref location, value, site)
            : Interlocked.Exchange(ref location, value);

    [return: NotNullIfNotNull(nameof(location))]
    public static T CompareExchange<T>(ref T location, T value, T comparand, int site) =>
        SharedMemory.BeforeInterlocked(in location, site) is { } memory
            ? memory.CompareExchange(Self, ref location, value, comparand, site)
            : Interlocked.CompareExchange(ref location, value, comparand);

    public static void MemoryBarrier(int site)
    {
        if (!SharedMemory.Fence(FenceKind.Full, site))
        {
            Interlocked.MemoryBarrier();
        }
    }

    public static void MemoryBarrierProcessWide(int site)
    {
        if (!SharedMemory.Fence(FenceKind.ProcessWide, site))
        {
            Interlocked.MemoryBarrierProcessWide(); // costs microseconds; under control the hand-over of the baton is one already
        }
    }
}
