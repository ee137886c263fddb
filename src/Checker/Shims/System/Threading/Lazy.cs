using System.Runtime.CompilerServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="System.Lazy{T}"/> in each of its modes. A lazy value made before the execution and not created yet is created anew in each.</summary>
[ShimFor(typeof(Lazy<>))]
[PassThrough("ToString")]
public static class LazyShim
{
    // A made object is only marked by its factory; its mode is read back from the real one.
    public static Lazy<T> Create<T>(int site) => new();

    public static Lazy<T> Create<T>(T value, int site) => new(value);

    public static Lazy<T> Create<T>(Func<T> valueFactory, int site) => new(valueFactory);

    public static Lazy<T> Create<T>(bool isThreadSafe, int site) => new(isThreadSafe);

    public static Lazy<T> Create<T>(LazyThreadSafetyMode mode, int site) => new(mode);

    public static Lazy<T> Create<T>(Func<T> valueFactory, bool isThreadSafe, int site) => new(valueFactory, isThreadSafe);

    public static Lazy<T> Create<T>(Func<T> valueFactory, LazyThreadSafetyMode mode, int site) => new(valueFactory, mode);

    public static bool get_IsValueCreated<T>(Lazy<T> self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            return self.IsValueCreated;
        }

        LazyModel<T> model = LazyModel<T>.Of(thread, self);
        thread.Execution.Observe(thread, model, site);
        return model.Created;
    }

    public static T get_Value<T>(Lazy<T> self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "Lazy.Value");
            return self.Value;
        }

        return LazyModel<T>.Of(thread, self).Value(thread, site);
    }
}

/// <summary>A lazily made value.</summary>
internal sealed class LazyModel<T>(Execution execution, LazyThreadSafetyMode mode, Func<T>? factory) : Waitable(execution, "lazy value")
{
    private readonly LockState _gate = execution.NewLock(); // of ExecutionAndPublication
    private T _value = default!;
    private Exception? _thrown; // cached, unless the value comes from a constructor or the mode is PublicationOnly
    private ControlledThread? _makingAlone; // of None and ExecutionAndPublication: a factory that asks for its own value is told

    internal bool Created { get; private set; }

    internal override bool CanTake(ControlledThread thread) => true;

    internal static LazyModel<T> Of(ControlledThread thread, Lazy<T> self) => thread.Execution.Model(self, static (execution, obj) =>
    {
        var real = (Lazy<T>)obj;
        if (real.IsValueCreated)
        {
            return new LazyModel<T>(execution, LazyThreadSafetyMode.None, null) { Created = true, _value = real.Value };
        }

        return IsFaulted(real)
            ? new LazyModel<T>(execution, LazyThreadSafetyMode.None, () => real.Value) // it throws again what it threw
            : new LazyModel<T>(execution, ModeOf(real)!.Value, FactoryOf(real));
    });

    internal T Value(ControlledThread thread, int site)
    {
        if (!thread.Execution.Observe(thread, this, site) || Created)
        {
            return _value;
        }

        switch (mode)
        {
            case LazyThreadSafetyMode.PublicationOnly:
                T made = factory is null ? LazyInitializerShim.New<T>() : factory();
                if (thread.Execution.Signal(thread, this, site) && !Created)
                {
                    Publish(made);
                }

                return _value;
            case LazyThreadSafetyMode.ExecutionAndPublication:
                thread.Execution.Enter(thread, _gate, site);
                try
                {
                    return Created ? _value : Make(thread, site);
                }
                finally
                {
                    thread.Execution.Exit(thread, _gate, site);
                }

            default:
                return Make(thread, site);
        }
    }

    private T Make(ControlledThread thread, int site)
    {
        if (_thrown is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_thrown);
        }

        if (factory is null)
        {
            T fromConstructor = LazyInitializerShim.New<T>();
            if (thread.Execution.Signal(thread, this, site))
            {
                Publish(fromConstructor);
            }

            return fromConstructor;
        }

        if (_makingAlone is not null)
        {
            // With no locking, a second thread runs into this too: the documented "behavior is undefined" of None, shown at its worst.
            throw new InvalidOperationException("ValueFactory attempted to access the Value property of this instance.");
        }

        _makingAlone = thread;
        try
        {
            T made = factory();
            if (thread.Execution.Signal(thread, this, site))
            {
                Publish(made);
            }

            return made;
        }
        catch (Exception e) when (e is not ExecutionAbortException)
        {
            _thrown = e;
            throw;
        }
        finally
        {
            _makingAlone = null;
        }
    }

    private void Publish(T value)
    {
        _value = value;
        Created = true;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_factory")]
    private static extern ref Func<T>? FactoryOf(Lazy<T> lazy);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Mode")]
    private static extern LazyThreadSafetyMode? ModeOf(Lazy<T> lazy);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_IsValueFaulted")]
    private static extern bool IsFaulted(Lazy<T> lazy);
}
