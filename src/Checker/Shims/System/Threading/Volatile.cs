using System.Runtime.CompilerServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="Volatile"/> and for the <c>volatile.</c> prefix.</summary>
[ShimFor(typeof(Volatile))]
public static class VolatileShim
{
    /// <summary>A load with the <c>volatile.</c> prefix, of any type; larger than a pointer it is a plain copy, as in the runtime.</summary>
    public static T Load<T>(ref T location, int site)
    {
        ControlledThread.Point(OperationKind.VolatileRead, ref Unsafe.As<T, byte>(ref location), site);
        T value = location;
        return value;
    }

    /// <summary>A store with the <c>volatile.</c> prefix, of any type.</summary>
    public static void Store<T>(ref T location, T value, int site)
    {
        ControlledThread.Point(OperationKind.VolatileWrite, ref Unsafe.As<T, byte>(ref location), site);
        location = value;
    }
}
