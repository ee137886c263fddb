using System.Reflection;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="CancellationTokenSource"/>. A time-out fires at any moment, on a thread of its own.</summary>
[ShimFor(typeof(CancellationTokenSource))]
public static class CancellationTokenSourceShim
{
    private static readonly FieldInfo? s_callbacks =
        typeof(CancellationTokenSource).GetField("_registrations", BindingFlags.Instance | BindingFlags.NonPublic);

    public static CancellationTokenSource Create(int site) => new();

    public static CancellationTokenSource Create(TimeSpan delay, int site) => Create(Timeouts.Milliseconds(delay), site);

    public static CancellationTokenSource Create(int millisecondsDelay, int site)
    {
        if (ControlledThread.Current is null)
        {
            return new CancellationTokenSource(millisecondsDelay);
        }

        Timeouts.Check(millisecondsDelay);
        var made = new CancellationTokenSource();
        CancelAfter(made, millisecondsDelay, site);
        return made;
    }

    public static CancellationTokenSource CreateLinkedTokenSource(CancellationToken token, int site) =>
        ControlledThread.Current is null ? CancellationTokenSource.CreateLinkedTokenSource(token) : Link([token], site);

    public static CancellationTokenSource CreateLinkedTokenSource(CancellationToken token1, CancellationToken token2, int site) =>
        ControlledThread.Current is null ? CancellationTokenSource.CreateLinkedTokenSource(token1, token2) : Link([token1, token2], site);

    public static CancellationTokenSource CreateLinkedTokenSource(CancellationToken[] tokens, int site)
    {
        if (ControlledThread.Current is null)
        {
            return CancellationTokenSource.CreateLinkedTokenSource(tokens);
        }

        ArgumentNullException.ThrowIfNull(tokens);
        return tokens.Length == 0 ? throw new ArgumentException("No tokens were supplied.") : Link(tokens, site);
    }

    public static CancellationTokenSource CreateLinkedTokenSource(ReadOnlySpan<CancellationToken> tokens, int site) =>
        ControlledThread.Current is null ? CancellationTokenSource.CreateLinkedTokenSource(tokens) : Link(tokens, site);

    public static bool get_IsCancellationRequested(CancellationTokenSource self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "CancellationTokenSource.IsCancellationRequested");
            return self.IsCancellationRequested;
        }

        CancellationModel model = CancellationModel.Of(thread, self);
        thread.Execution.Observe(thread, model, site);
        return model.Cancelled;
    }

    public static CancellationToken get_Token(CancellationTokenSource self, int site)
    {
        if (ControlledThread.Current is { } thread)
        {
            Open(thread, self);
        }

        return self.Token;
    }

    public static void Cancel(CancellationTokenSource self, int site) => Cancel(self, throwOnFirstException: false, site);

    public static void Cancel(CancellationTokenSource self, bool throwOnFirstException, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "CancellationTokenSource.Cancel");
            self.Cancel(throwOnFirstException);
            return;
        }

        CancellationModel model = Open(thread, self);
        if (!model.Cancelled && s_callbacks?.GetValue(self) is not null)
        {
            throw new UncontrolledCallException(
                "a CancellationTokenSource with callbacks registered outside control is cancelled under control; make it in the test");
        }

        thread.Execution.Cancel(thread, model, throwOnFirstException, site);
    }

    public static void CancelAfter(CancellationTokenSource self, TimeSpan delay, int site) => CancelAfter(self, Timeouts.Milliseconds(delay), site);

    public static void CancelAfter(CancellationTokenSource self, int millisecondsDelay, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "CancellationTokenSource.CancelAfter");
            self.CancelAfter(millisecondsDelay);
            return;
        }

        Timeouts.Check(millisecondsDelay);
        CancellationModel model = Open(thread, self);
        if (thread.Execution.Signal(thread, model, site) && !model.Cancelled)
        {
            thread.Execution.CancelAfter(thread, model, millisecondsDelay, site);
        }
    }

    public static bool TryReset(CancellationTokenSource self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "CancellationTokenSource.TryReset");
            return self.TryReset();
        }

        CancellationModel model = Open(thread, self);
        if (!thread.Execution.Signal(thread, model, site) || model.Cancelled)
        {
            return false;
        }

        thread.Execution.Disarm(model);
        model.RemoveAll();
        return true;
    }

    public static void Dispose(CancellationTokenSource self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            self.Dispose();
            return;
        }

        CancellationModel model = CancellationModel.Of(thread, self);
        if (!thread.Execution.Signal(thread, model, site) || model.Disposed)
        {
            return;
        }

        foreach ((CancellationModel parent, CancellationModel.Registration link) in model.Links)
        {
            parent.Remove(link);
        }

        model.Disposed = true;
        thread.Execution.Disarm(model);
    }

    private static CancellationModel Open(ControlledThread thread, CancellationTokenSource self)
    {
        CancellationModel model = CancellationModel.Of(thread, self);
        ObjectDisposedException.ThrowIf(model.Disposed && !thread.Execution.Aborting, self);
        return model;
    }

    private static CancellationTokenSource Link(ReadOnlySpan<CancellationToken> tokens, int site)
    {
        ControlledThread thread = ControlledThread.Current!;
        var made = new CancellationTokenSource();
        CancellationModel model = CancellationModel.Of(thread, made);
        foreach (CancellationToken token in tokens)
        {
            if (CancellationModel.Of(thread, token) is not { } parent || !thread.Execution.Signal(thread, parent, site))
            {
                continue;
            }

            if (parent.Cancelled)
            {
                model.Cancelled = true; // nobody else has the new source yet
            }
            else if (!parent.Disposed)
            {
                CancellationModel.Registration link = parent.Add(
                    thread.Execution,
                    () =>
                    {
                        ControlledThread canceller = ControlledThread.Current!;
                        canceller.Execution.Cancel(canceller, model, throwOnFirstException: false, site);
                    });
                model.Links.Add((parent, link));
            }
        }

        return made;
    }
}
