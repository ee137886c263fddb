using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="EventWaitHandle"/>, and for what its derived events inherit.</summary>
[ShimFor(typeof(EventWaitHandle))]
public static class EventWaitHandleShim
{
    public static EventWaitHandle Create(bool initialState, EventResetMode mode, int site)
    {
        var made = new EventWaitHandle(initialState, mode);
        HandleModels.Remember(made, (int)mode);
        return made;
    }

    public static EventWaitHandle Create(bool initialState, EventResetMode mode, string? name, int site) =>
        name is null ? Create(initialState, mode, site) : Named(initialState, mode, name, out _);

    public static EventWaitHandle Create(bool initialState, EventResetMode mode, string? name, out bool createdNew, int site)
    {
        if (name is not null)
        {
            return Named(initialState, mode, name, out createdNew);
        }

        createdNew = true;
        return Create(initialState, mode, site);
    }

    public static bool Set(EventWaitHandle self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "EventWaitHandle.Set");
            return self.Set();
        }

        EventModel model = HandleModels.OpenEvent(thread, self);
        if (thread.Execution.Signal(thread, model, site))
        {
            model.Set(thread, site);
        }

        return true;
    }

    public static bool Reset(EventWaitHandle self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "EventWaitHandle.Reset");
            return self.Reset();
        }

        EventModel model = HandleModels.OpenEvent(thread, self);
        if (thread.Execution.Signal(thread, model, site))
        {
            model.Reset(thread, site);
        }

        return true;
    }

    private static EventWaitHandle Named(bool initialState, EventResetMode mode, string name, out bool createdNew)
    {
        HandleModels.RefuseName("EventWaitHandle", name);
        return new EventWaitHandle(initialState, mode, name, out createdNew);
    }
}

/// <summary>Stands in for <see cref="ManualResetEvent"/>.</summary>
[ShimFor(typeof(ManualResetEvent))]
public static class ManualResetEventShim
{
    public static ManualResetEvent Create(bool initialState, int site) => new(initialState);
}

/// <summary>Stands in for <see cref="AutoResetEvent"/>.</summary>
[ShimFor(typeof(AutoResetEvent))]
public static class AutoResetEventShim
{
    public static AutoResetEvent Create(bool initialState, int site) => new(initialState);
}
