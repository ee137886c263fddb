using System.Runtime.CompilerServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="CancellationToken"/>: what it tells is its source's state.</summary>
[ShimFor(typeof(CancellationToken))]
[PassThrough(".ctor", "get_None", "get_CanBeCanceled", "Equals", "GetHashCode", "op_Equality", "op_Inequality")]
public static class CancellationTokenShim
{
    public static bool get_IsCancellationRequested(ref CancellationToken self, int site) =>
        Observed(self, site) is { } model ? model.Cancelled : self.IsCancellationRequested;

    public static void ThrowIfCancellationRequested(ref CancellationToken self, int site)
    {
        if (get_IsCancellationRequested(ref self, site))
        {
            throw new OperationCanceledException(self);
        }
    }

    public static WaitHandle get_WaitHandle(ref CancellationToken self, int site)
    {
        if (ControlledThread.Current is not { } thread || CancellationModel.Of(thread, self) is not { } model)
        {
            return self.WaitHandle;
        }

        ObjectDisposedException.ThrowIf(model.Disposed && !thread.Execution.Aborting, model.Source);
        if (model.Handle is null)
        {
            model.Handle = new ManualResetEvent(false);
            model.Face = new ReadOnlyFace(thread.Execution, "handle of " + model.Name, () => model.Cancelled);
            thread.Execution.Register(model.Handle, model.Face);
        }

        return model.Handle;
    }

    public static CancellationTokenRegistration Register(ref CancellationToken self, Action callback, int site)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return ControlledThread.Current is null ? self.Register(callback) : Register(self, callback, site);
    }

    public static CancellationTokenRegistration Register(ref CancellationToken self, Action callback, bool useSynchronizationContext, int site) =>
        Register(ref self, callback, site);

    public static CancellationTokenRegistration Register(ref CancellationToken self, Action<object?> callback, object? state, int site)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return ControlledThread.Current is null ? self.Register(callback, state) : Register(self, () => callback(state), site);
    }

    public static CancellationTokenRegistration Register(
        ref CancellationToken self, Action<object?> callback, object? state, bool useSynchronizationContext, int site) =>
        Register(ref self, callback, state, site);

    public static CancellationTokenRegistration Register(
        ref CancellationToken self, Action<object?, CancellationToken> callback, object? state, int site)
    {
        ArgumentNullException.ThrowIfNull(callback);
        CancellationToken token = self;
        return ControlledThread.Current is null ? self.Register(callback, state) : Register(self, () => callback(state, token), site);
    }

    public static CancellationTokenRegistration UnsafeRegister(ref CancellationToken self, Action<object?> callback, object? state, int site) =>
        Register(ref self, callback, state, site);

    public static CancellationTokenRegistration UnsafeRegister(
        ref CancellationToken self, Action<object?, CancellationToken> callback, object? state, int site) =>
        Register(ref self, callback, state, site);

    private static CancellationTokenRegistration Register(CancellationToken token, Action callback, int site)
    {
        ControlledThread thread = ControlledThread.Current!;
        if (CancellationModel.Of(thread, token) is not { } model || !thread.Execution.Signal(thread, model, site))
        {
            return default;
        }

        if (model.Cancelled)
        {
            callback();
            return default;
        }

        if (model.Disposed)
        {
            return default;
        }

        CancellationTokenRegistration made = default;
        CancellationTokenRegistrationShim.IdOf(ref made) = model.Add(thread.Execution, callback).RegistrationId;
        return made;
    }

    // Null off control and for a token that can never be cancelled.
    private static CancellationModel? Observed(CancellationToken token, int site)
    {
        if (ControlledThread.Current is not { } thread || CancellationModel.Of(thread, token) is not { } model)
        {
            return null;
        }

        thread.Execution.Observe(thread, model, site);
        return model;
    }
}

/// <summary>Stands in for <see cref="CancellationTokenRegistration"/>. Under control it holds only the number of a registration.</summary>
[ShimFor(typeof(CancellationTokenRegistration))]
[PassThrough("Equals", "GetHashCode", "op_Equality", "op_Inequality")]
public static class CancellationTokenRegistrationShim
{
    /// <summary>Unregisters; while the callback runs on another thread, waits for its end.</summary>
    public static void Dispose(ref CancellationTokenRegistration self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            self.Dispose();
        }
        else if (Find(thread, ref self) is { } registration && !Remove(thread, registration, site)
            && registration.RunBy is { } runner && runner != thread)
        {
            thread.Execution.Wait(thread, registration, null, Timeout.Infinite, site);
        }
    }

    public static bool Unregister(ref CancellationTokenRegistration self, int site) =>
        ControlledThread.Current is { } thread
            ? Find(thread, ref self) is { } registration && Remove(thread, registration, site)
            : self.Unregister();

    public static CancellationToken get_Token(ref CancellationTokenRegistration self, int site) =>
        ControlledThread.Current is { } thread && Find(thread, ref self) is { Of: { } model }
            ? model.Source.Token
            : self.Token;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_id")]
    internal static extern ref long IdOf(ref CancellationTokenRegistration registration);

    private static CancellationModel.Registration? Find(ControlledThread thread, ref CancellationTokenRegistration registration) =>
        thread.Execution.Registration(IdOf(ref registration));

    private static bool Remove(ControlledThread thread, CancellationModel.Registration registration, int site) =>
        !thread.Execution.Signal(thread, registration.Of, site) || registration.Of.Remove(registration);
}
