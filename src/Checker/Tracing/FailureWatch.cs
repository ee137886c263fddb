using System.Runtime.ExceptionServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>Where an exception began its way.</summary>
/// <param name="Exception">It.</param>
/// <param name="Thread">Number of the thread that threw it.</param>
/// <param name="Event">Number of the event, from 0, that was the latest then; -1 before the first.</param>
/// <param name="Site">Where that event stands.</param>
/// <param name="Stack">The throwing thread's stack.</param>
internal sealed record Throw(Exception Exception, int Thread, int Event, Site Site, TraceFrame[] Stack);

/// <summary>Finds where an execution's failure really happened.</summary>
/// <remarks>
/// A test often catches what a thread throws and throws it again when all have ended. So the place is taken when the exception object is thrown for
/// the first time, before any handler runs.
/// </remarks>
internal sealed class FailureWatch : IExecutionWatch, IDisposable
{
    private readonly IExecutionWatch _owner; // whom the execution knows
    private readonly List<Throw> _throws = [];
    private bool _busy; // taking a stack may throw and catch

    internal FailureWatch(IExecutionWatch? owner = null)
    {
        _owner = owner ?? this;
        AppDomain.CurrentDomain.FirstChanceException += OnThrow;
    }

    /// <summary>Where the failure was thrown; null when it has none or is no exception.</summary>
    internal Throw? Origin { get; private set; }

    /// <summary>Kind and place: two failures with the same signature are taken for the same bug.</summary>
    internal FailureSignature? Signature { get; private set; }

    public void Loaded<T>(T value)
    {
    }

    public void Storing<T>(T before, T value)
    {
    }

    public void Updating<T>(ref readonly T location)
    {
    }

    public void Failed(Execution execution, Failure failure, Exception? exception)
    {
        for (Exception? e = exception; e is not null && Origin is null; e = e.InnerException)
        {
            Origin = _throws.Find(t => ReferenceEquals(t.Exception, e));
        }

        if (Origin is null && exception is null && failure.Thread >= 0 && ControlledThread.Current?.Id == failure.Thread)
        {
            // Found by the checker at the thread's latest operation.
            Origin = new Throw(new InvalidOperationException(failure.Message), failure.Thread, execution.Events - 1, Latest(execution), StackCapture.Take());
        }

        Signature = FailureSignature.Of(execution, failure, Origin);
    }

    public void Dispose() => AppDomain.CurrentDomain.FirstChanceException -= OnThrow;

    private static Site Latest(Execution execution) => SiteTable.Get(execution.LatestSite);

    private void OnThrow(object? sender, FirstChanceExceptionEventArgs e)
    {
        if (ControlledThread.Current is not { } self || self.Execution.Watch != _owner || self.Execution.Failure is not null || _busy
            || e.Exception is ExecutionAbortException || _throws.Exists(t => ReferenceEquals(t.Exception, e.Exception)))
        {
            return;
        }

        _busy = true;
        try
        {
            _throws.Add(new Throw(e.Exception, self.Id, self.Execution.Events - 1, Latest(self.Execution), StackCapture.Take()));
        }
        finally
        {
            _busy = false;
        }
    }
}
