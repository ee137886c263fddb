using System.Numerics;

namespace Verify.Checker.Mutants;

/// <summary>What <see cref="Interlocked"/> does, in two steps: a read and a write, each ordered, with room for another thread between them.</summary>
/// <remarks>Mutated programs call it; rewritten, they call <see cref="NonAtomicShim"/>, which off control does the same without an event.</remarks>
public static class NonAtomic
{
    private const int NoSite = 0;

    public static T Add<T>(ref T location, T value)
        where T : struct, IBinaryInteger<T> => NonAtomicShim.Add(ref location, value, NoSite);

    public static T Increment<T>(ref T location)
        where T : struct, IBinaryInteger<T> => NonAtomicShim.Increment(ref location, NoSite);

    public static T Decrement<T>(ref T location)
        where T : struct, IBinaryInteger<T> => NonAtomicShim.Decrement(ref location, NoSite);

    public static T And<T>(ref T location, T value)
        where T : struct, IBinaryInteger<T> => NonAtomicShim.And(ref location, value, NoSite);

    public static T Or<T>(ref T location, T value)
        where T : struct, IBinaryInteger<T> => NonAtomicShim.Or(ref location, value, NoSite);

    public static T Exchange<T>(ref T location, T value) => NonAtomicShim.Exchange(ref location, value, NoSite);

    public static T CompareExchange<T>(ref T location, T value, T comparand) => NonAtomicShim.CompareExchange(ref location, value, comparand, NoSite);
}
