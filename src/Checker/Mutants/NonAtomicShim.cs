using System.Numerics;
using Verify.Checker.Runtime;
using Verify.Checker.Shims;

namespace Verify.Checker.Mutants;

/// <summary>Stands in for <see cref="NonAtomic"/>: two events where the program had one.</summary>
[ShimFor(typeof(NonAtomic))]
public static class NonAtomicShim
{
    public static T Add<T>(ref T location, T value, int site)
        where T : struct, IBinaryInteger<T>
    {
        T sum = SharedMemory.Read(in location, site) + value;
        SharedMemory.Write(ref location, sum, site);
        return sum;
    }

    public static T Increment<T>(ref T location, int site)
        where T : struct, IBinaryInteger<T> => Add(ref location, T.One, site);

    public static T Decrement<T>(ref T location, int site)
        where T : struct, IBinaryInteger<T> => Add(ref location, -T.One, site);

    public static T And<T>(ref T location, T value, int site)
        where T : struct, IBinaryInteger<T>
    {
        T before = SharedMemory.Read(in location, site);
        SharedMemory.Write(ref location, before & value, site);
        return before;
    }

    public static T Or<T>(ref T location, T value, int site)
        where T : struct, IBinaryInteger<T>
    {
        T before = SharedMemory.Read(in location, site);
        SharedMemory.Write(ref location, before | value, site);
        return before;
    }

    public static T Exchange<T>(ref T location, T value, int site)
    {
        T before = SharedMemory.Read(in location, site);
        SharedMemory.Write(ref location, value, site);
        return before;
    }

    public static T CompareExchange<T>(ref T location, T value, T comparand, int site)
    {
        T before = SharedMemory.Read(in location, site);
        if (Same(before, comparand))
        {
            SharedMemory.Write(ref location, value, site);
        }

        return before;
    }

    // As Interlocked compares: references by identity.
    private static bool Same<T>(T a, T b) =>
        typeof(T).IsValueType ? EqualityComparer<T>.Default.Equals(a, b) : ReferenceEquals(a, b);
}
