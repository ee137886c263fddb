namespace Verify.Checker.Runtime;

/// <summary>Told of what an execution does, on the thread that does it, between its events. It must not call the program.</summary>
internal interface IExecutionWatch
{
    /// <summary>The value of a load that is the latest event.</summary>
    void Loaded<T>(T value);

    /// <summary>The value a store, which is the latest event, is about to write, and the one it replaces.</summary>
    void Storing<T>(T before, T value);

    /// <summary>The atomic operation that is the latest event is about to begin.</summary>
    void Updating<T>(ref readonly T location);

    /// <summary>The execution has its verdict. Called once.</summary>
    void Failed(Execution execution, Failure failure, Exception? exception);
}
