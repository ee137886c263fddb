using System.Runtime.CompilerServices;

namespace Verify.Checker.Runtime;

/// <summary>A source of cancellation: waiting for it is waiting for the request.</summary>
internal sealed class CancellationModel(Execution execution, CancellationTokenSource source) : Waitable(execution, "cancellation")
{
    private static long s_registrations; // never reused, so that a registration of an earlier execution is not taken for one of this

    private readonly List<Registration> _registrations = []; // in order of registration

    internal CancellationTokenSource Source { get; } = source;

    internal bool Cancelled { get; set; }

    internal bool Disposed { get; set; }

    internal ManualResetEvent? Handle { get; set; }

    /// <summary>The time-out under way, or null; counts down on a thread of its own.</summary>
    internal Countdown? Timer { get; set; }

    internal List<(CancellationModel Parent, Registration Link)> Links { get; } = [];

    /// <summary>A callback, until it has run or is unregistered.</summary>
    internal sealed class Registration(Execution execution, long id, CancellationModel owner, Action callback) : Waitable(execution, "callback")
    {
        internal long RegistrationId { get; } = id;

        internal CancellationModel Of { get; } = owner;

        internal Action Callback { get; } = callback;

        internal ControlledThread? RunBy { get; set; } // while it runs

        internal override ControlledThread? Owner => RunBy;

        // Waiting for it is waiting for its end.
        internal override bool CanTake(ControlledThread thread) => RunBy is null;
    }

    /// <summary>A time-out; taking it is being disarmed.</summary>
    internal sealed class Countdown(Execution execution) : Waitable(execution, "timer")
    {
        internal bool Disarmed { get; set; }

        internal override bool CanTake(ControlledThread thread) => Disarmed;
    }

    /// <summary>The model of a token's source; null when the token can never be cancelled.</summary>
    internal static CancellationModel? Of(ControlledThread thread, CancellationToken token) =>
        SourceOf(ref token) is { } source ? Of(thread, source) : null;

    internal static CancellationModel Of(ControlledThread thread, CancellationTokenSource source) => thread.Execution.Model(
        source,
        static (execution, obj) => new CancellationModel(execution, (CancellationTokenSource)obj)
        {
            Cancelled = ((CancellationTokenSource)obj).IsCancellationRequested,
            Disposed = DisposedOf((CancellationTokenSource)obj),
        });

    internal override bool CanTake(ControlledThread thread) => Cancelled;

    internal Registration Add(Execution execution, Action callback)
    {
        var registration = new Registration(execution, Interlocked.Increment(ref s_registrations), this, callback);
        _registrations.Add(registration);
        execution.Register(registration.RegistrationId, registration);
        return registration;
    }

    /// <summary>False when it has run, runs, or was removed before.</summary>
    internal bool Remove(Registration registration) => _registrations.Remove(registration);

    internal void RemoveAll() => _registrations.Clear();

    /// <summary>Takes the latest registration out, or returns null.</summary>
    internal Registration? TakeLatest()
    {
        if (_registrations.Count == 0)
        {
            return null;
        }

        Registration latest = _registrations[^1];
        _registrations.RemoveAt(_registrations.Count - 1);
        return latest;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_source")]
    private static extern ref CancellationTokenSource? SourceOf(ref CancellationToken token);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_disposed")]
    private static extern ref bool DisposedOf(CancellationTokenSource source);
}
