using System.Numerics;

namespace Verify.Checker.Mutants;

/// <summary>What <see cref="Interlocked"/> does, in two steps: a read and a write, each ordered, with room for another thread between them.</summary>
/// <remarks>Mutated programs call it; on real threads it is as wrong as under control.</remarks>
public static class NonAtomic
{
    public static T Add<T>(ref T location, T value)
        where T : struct, IBinaryInteger<T>
    {
        T sum = Read(ref location) + value;
        Write(ref location, sum);
        return sum;
    }

    public static T Increment<T>(ref T location)
        where T : struct, IBinaryInteger<T> => Add(ref location, T.One);

    public static T Decrement<T>(ref T location)
        where T : struct, IBinaryInteger<T> => Add(ref location, -T.One);

    public static T And<T>(ref T location, T value)
        where T : struct, IBinaryInteger<T>
    {
        T before = Read(ref location);
        Write(ref location, before & value);
        return before;
    }

    public static T Or<T>(ref T location, T value)
        where T : struct, IBinaryInteger<T>
    {
        T before = Read(ref location);
        Write(ref location, before | value);
        return before;
    }

    public static T Exchange<T>(ref T location, T value)
    {
        T before = Read(ref location);
        Write(ref location, value);
        return before;
    }

    public static T CompareExchange<T>(ref T location, T value, T comparand)
    {
        T before = Read(ref location);
        if (Same(before, comparand))
        {
            Write(ref location, value);
        }

        return before;
    }

    internal static bool Same<T>(T a, T b) =>
        typeof(T).IsValueType ? EqualityComparer<T>.Default.Equals(a, b) : ReferenceEquals(a, b);

    private static T Read<T>(ref T location)
    {
        T value = location;
        Volatile.ReadBarrier();
        return value;
    }

    private static void Write<T>(ref T location, T value)
    {
        Volatile.WriteBarrier();
        location = value;
    }
}
