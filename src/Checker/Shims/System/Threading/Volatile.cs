using System.Diagnostics.CodeAnalysis;
using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="Volatile"/> and, through <see cref="Load"/> and <see cref="Store"/>, for the <c>volatile.</c> prefix.</summary>
[ShimFor(typeof(Volatile))]
public static class VolatileShim
{
    /// <summary>A load with the <c>volatile.</c> prefix, of any type; larger than a pointer it is a plain copy, as in the runtime.</summary>
    public static T Load<T>(ref T location, int site) => SharedMemory.Read(in location, site);

    /// <summary>A store with the <c>volatile.</c> prefix, of any type.</summary>
    public static void Store<T>(ref T location, T value, int site) => SharedMemory.Write(ref location, value, site);

    [return: NotNullIfNotNull(nameof(location))]
    public static T Read<T>([NotNullIfNotNull(nameof(location))] ref readonly T location, int site)
        where T : class? => SharedMemory.Read(in location, site);

    public static void Write<T>([NotNullIfNotNull(nameof(value))] ref T location, T value, int site)
        where T : class? => SharedMemory.Write(ref location, value, site);

    public static void ReadBarrier(int site)
    {
        if (!SharedMemory.Fence(FenceKind.Read, site))
        {
            Volatile.ReadBarrier();
        }
    }

    public static void WriteBarrier(int site)
    {
        if (!SharedMemory.Fence(FenceKind.Write, site))
        {
            Volatile.WriteBarrier();
        }
    }

    public static bool Read(ref readonly bool location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref bool location, bool value, int site) => SharedMemory.Write(ref location, value, site);

    public static byte Read(ref readonly byte location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref byte location, byte value, int site) => SharedMemory.Write(ref location, value, site);

    public static double Read(ref readonly double location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref double location, double value, int site) => SharedMemory.Write(ref location, value, site);

    public static short Read(ref readonly short location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref short location, short value, int site) => SharedMemory.Write(ref location, value, site);

    public static int Read(ref readonly int location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref int location, int value, int site) => SharedMemory.Write(ref location, value, site);

    public static long Read(ref readonly long location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref long location, long value, int site) => SharedMemory.Write(ref location, value, site);

    public static nint Read(ref readonly nint location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref nint location, nint value, int site) => SharedMemory.Write(ref location, value, site);

    public static sbyte Read(ref readonly sbyte location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref sbyte location, sbyte value, int site) => SharedMemory.Write(ref location, value, site);

    public static float Read(ref readonly float location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref float location, float value, int site) => SharedMemory.Write(ref location, value, site);

    public static ushort Read(ref readonly ushort location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref ushort location, ushort value, int site) => SharedMemory.Write(ref location, value, site);

    public static uint Read(ref readonly uint location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref uint location, uint value, int site) => SharedMemory.Write(ref location, value, site);

    public static ulong Read(ref readonly ulong location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref ulong location, ulong value, int site) => SharedMemory.Write(ref location, value, site);

    public static nuint Read(ref readonly nuint location, int site) => SharedMemory.Read(in location, site);

    public static void Write(ref nuint location, nuint value, int site) => SharedMemory.Write(ref location, value, site);
}
