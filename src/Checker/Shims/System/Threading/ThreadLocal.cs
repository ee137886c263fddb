using System.Runtime.CompilerServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="System.Threading.ThreadLocal{T}"/>: a value per controlled thread, empty again in each execution.</summary>
[ShimFor(typeof(ThreadLocal<>))]
[PassThrough("ToString")]
public static class ThreadLocalShim
{
    public static ThreadLocal<T> Create<T>(int site) => new();

    public static ThreadLocal<T> Create<T>(bool trackAllValues, int site) => new(trackAllValues);

    public static ThreadLocal<T> Create<T>(Func<T> valueFactory, int site) => new(valueFactory);

    public static ThreadLocal<T> Create<T>(Func<T> valueFactory, bool trackAllValues, int site) => new(valueFactory, trackAllValues);

    public static T? get_Value<T>(ThreadLocal<T> self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            return self.Value;
        }

        ThreadLocalModel<T> model = ThreadLocalModel<T>.Of(thread, self);
        if (!model.Values.TryGetValue(thread.Id, out T? value))
        {
            value = model.Make();
            if (model.Values.ContainsKey(thread.Id))
            {
                throw new InvalidOperationException("ValueFactory attempted to access the Value property of this instance.");
            }

            model.Values[thread.Id] = value!;
        }

        return value;
    }

    public static void set_Value<T>(ThreadLocal<T> self, T value, int site)
    {
        if (ControlledThread.Current is { } thread)
        {
            ThreadLocalModel<T>.Of(thread, self).Values[thread.Id] = value;
        }
        else
        {
            self.Value = value;
        }
    }

    public static bool get_IsValueCreated<T>(ThreadLocal<T> self, int site) =>
        ControlledThread.Current is { } thread ? ThreadLocalModel<T>.Of(thread, self).Values.ContainsKey(thread.Id) : self.IsValueCreated;

    // Sees what other threads have set, so it is an event.
    public static IList<T> get_Values<T>(ThreadLocal<T> self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            return self.Values;
        }

        ThreadLocalModel<T> model = ThreadLocalModel<T>.Of(thread, self);
        ControlledThread.Point(OperationKind.Observe, site);
        return model.TracksAll ? [.. model.Values.Values] : throw new InvalidOperationException(
            "The ThreadLocal object is not tracking values. To use the Values property, use a ThreadLocal constructor that accepts the "
            + "trackAllValues parameter and set the parameter to true.");
    }

    public static void Dispose<T>(ThreadLocal<T> self, int site)
    {
        if (ControlledThread.Current is { } thread)
        {
            ThreadLocalModel<T>.Of(thread, self, disposedToo: true).Disposed = true;
        }
        else
        {
            self.Dispose();
        }
    }
}

/// <summary>The values of a thread-local variable by thread number.</summary>
internal sealed class ThreadLocalModel<T>(Func<T>? factory, bool tracksAll)
{
    internal SortedDictionary<int, T> Values { get; } = [];

    internal bool TracksAll { get; } = tracksAll;

    internal bool Disposed { get; set; }

    internal static ThreadLocalModel<T> Of(ControlledThread thread, ThreadLocal<T> self, bool disposedToo = false)
    {
        ThreadLocalModel<T> model = thread.Execution.Model(
            self, static (_, obj) => new ThreadLocalModel<T>(FactoryOf((ThreadLocal<T>)obj), TracksAllOf((ThreadLocal<T>)obj)));
        ObjectDisposedException.ThrowIf(model.Disposed && !disposedToo && !thread.Execution.Aborting, self);
        return model;
    }

    internal T? Make() => factory is null ? default : factory();

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_valueFactory")]
    private static extern ref Func<T>? FactoryOf(ThreadLocal<T> local);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_trackAllValues")]
    private static extern ref bool TracksAllOf(ThreadLocal<T> local);
}
