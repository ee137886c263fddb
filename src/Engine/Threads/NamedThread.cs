namespace Verify.Engine.Threads;

/// <summary>Threads with names for reports.</summary>
public static class NamedThread
{
    /// <summary>A background thread, not started yet.</summary>
    /// <param name="name">What reports call it, unless it has a name already: Microsoft Coyote finds the threads it controls by names of its own.</param>
    /// <param name="body">What it runs.</param>
    public static Thread Create(string name, ThreadStart body)
    {
        var thread = new Thread(body) { IsBackground = true };
        thread.Name ??= name;
        return thread;
    }
}
