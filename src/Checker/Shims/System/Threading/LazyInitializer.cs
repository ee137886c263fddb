// The rewriter pairs signatures without nullability, and the framework's own annotations cannot be proved here.
#nullable disable annotations
#nullable disable warnings

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="LazyInitializer"/>, by the steps it takes itself: a volatile read, then a compare-and-swap or a lock.</summary>
[ShimFor(typeof(LazyInitializer))]
public static class LazyInitializerShim
{
    public static T EnsureInitialized<T>(ref T target, int site)
        where T : class => VolatileShim.Read(ref target, site) ?? Publish(ref target, New<T>(), site);

    public static T EnsureInitialized<T>(ref T target, Func<T> valueFactory, int site)
        where T : class => VolatileShim.Read(ref target, site) ?? Publish(ref target, Called(valueFactory), site);

    public static T EnsureInitialized<T>(ref T target, ref bool initialized, ref object syncLock, int site) =>
        EnsureInitialized(ref target, ref initialized, ref syncLock, New<T>, site);

    public static T EnsureInitialized<T>(
        ref T target, ref bool initialized, ref object syncLock, Func<T> valueFactory, int site)
    {
        if (VolatileShim.Read(ref initialized, site))
        {
            return target;
        }

        object gate = Gate(ref syncLock, site);
        MonitorShim.Enter(gate, site);
        try
        {
            if (!VolatileShim.Read(ref initialized, site))
            {
                target = valueFactory();
                VolatileShim.Write(ref initialized, true, site);
            }
        }
        finally
        {
            MonitorShim.Exit(gate, site);
        }

        return target;
    }

    public static T EnsureInitialized<T>(
        ref T target, ref object syncLock, Func<T> valueFactory, int site)
        where T : class
    {
        if (VolatileShim.Read(ref target, site) is { } there)
        {
            return there;
        }

        object gate = Gate(ref syncLock, site);
        MonitorShim.Enter(gate, site);
        try
        {
            if (VolatileShim.Read(ref target, site) is null)
            {
                VolatileShim.Write(ref target, Called(valueFactory), site);
            }
        }
        finally
        {
            MonitorShim.Exit(gate, site);
        }

        return target;
    }

    internal static T New<T>()
    {
        try
        {
            return Activator.CreateInstance<T>();
        }
        catch (MissingMethodException)
        {
            throw new MissingMemberException("The lazily-initialized type does not have a public, parameterless constructor.");
        }
    }

    private static T Publish<T>(ref T target, T made, int site)
        where T : class
    {
        InterlockedShim.CompareExchange(ref target, made, null, site);
        return target;
    }

    private static T Called<T>(Func<T> valueFactory) =>
        valueFactory() ?? throw new InvalidOperationException("ValueFactory returned null.");

    private static object Gate(ref object syncLock, int site)
    {
        if (syncLock is { } there)
        {
            return there;
        }

        object made = new();
        return InterlockedShim.CompareExchange(ref syncLock, made, null, site) ?? made;
    }
}
