using System.Runtime.CompilerServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="Barrier"/>. As in .NET the last to arrive runs the post-phase action while the others wait.</summary>
[ShimFor(typeof(Barrier))]
public static class BarrierShim
{
    public static Barrier Create(int participantCount, int site) => new(participantCount);

    public static Barrier Create(int participantCount, Action<Barrier>? postPhaseAction, int site) => new(participantCount, postPhaseAction);

    public static void SignalAndWait(Barrier self, int site) => SignalAndWait(self, Timeout.Infinite, CancellationToken.None, site);

    public static void SignalAndWait(Barrier self, CancellationToken cancellationToken, int site) =>
        SignalAndWait(self, Timeout.Infinite, cancellationToken, site);

    public static bool SignalAndWait(Barrier self, TimeSpan timeout, int site) =>
        SignalAndWait(self, Timeouts.Milliseconds(timeout), CancellationToken.None, site);

    public static bool SignalAndWait(Barrier self, TimeSpan timeout, CancellationToken cancellationToken, int site) =>
        SignalAndWait(self, Timeouts.Milliseconds(timeout), cancellationToken, site);

    public static bool SignalAndWait(Barrier self, int millisecondsTimeout, int site) =>
        SignalAndWait(self, millisecondsTimeout, CancellationToken.None, site);

    public static bool SignalAndWait(Barrier self, int millisecondsTimeout, CancellationToken cancellationToken, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "Barrier.SignalAndWait");
            return self.SignalAndWait(millisecondsTimeout, cancellationToken);
        }

        BarrierModel model = Of(thread, self);
        Timeouts.Check(millisecondsTimeout);
        return model.SignalAndWait(thread, millisecondsTimeout, cancellationToken, site);
    }

    public static long AddParticipant(Barrier self, int site) => AddParticipants(self, 1, site);

    public static long AddParticipants(Barrier self, int participantCount, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "Barrier.AddParticipants");
            return self.AddParticipants(participantCount);
        }

        BarrierModel model = Of(thread, self);
        ArgumentOutOfRangeException.ThrowIfLessThan(participantCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(participantCount, short.MaxValue);
        return model.Add(thread, participantCount, site);
    }

    public static void RemoveParticipant(Barrier self, int site) => RemoveParticipants(self, 1, site);

    public static void RemoveParticipants(Barrier self, int participantCount, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "Barrier.RemoveParticipants");
            self.RemoveParticipants(participantCount);
            return;
        }

        BarrierModel model = Of(thread, self);
        ArgumentOutOfRangeException.ThrowIfLessThan(participantCount, 1);
        model.Remove(thread, participantCount, site);
    }

    public static int get_ParticipantCount(Barrier self, int site) => Observed(self, site)?.Total ?? self.ParticipantCount;

    public static int get_ParticipantsRemaining(Barrier self, int site) =>
        Observed(self, site) is { } model ? model.Total - model.Arrived : self.ParticipantsRemaining;

    public static long get_CurrentPhaseNumber(Barrier self, int site) => Observed(self, site)?.Phase ?? self.CurrentPhaseNumber;

    public static void Dispose(Barrier self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            self.Dispose();
            return;
        }

        BarrierModel model = Of(thread, self, disposedToo: true);
        if (thread.Execution.Signal(thread, model, site))
        {
            model.ThrowIfInAction(thread);
            model.Disposed = true;
        }
    }

    // Null off control.
    private static BarrierModel? Observed(Barrier self, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "reading a Barrier");
            return null;
        }

        BarrierModel model = Of(thread, self, disposedToo: true);
        thread.Execution.Observe(thread, model, site);
        return model;
    }

    private static BarrierModel Of(ControlledThread thread, Barrier self, bool disposedToo = false)
    {
        BarrierModel model = thread.Execution.Model(self, static (execution, obj) =>
        {
            var real = (Barrier)obj;
            return real.ParticipantsRemaining == real.ParticipantCount
                ? new BarrierModel(execution, real, ActionOf(real)) { Total = real.ParticipantCount, Phase = real.CurrentPhaseNumber }
                : throw new UncontrolledCallException("threads outside control wait at a Barrier, which cannot be modelled; make it in the test");
        });
        ObjectDisposedException.ThrowIf(model.Disposed && !disposedToo && !thread.Execution.Aborting, self);
        return model;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_postPhaseAction")]
    private static extern ref Action<Barrier>? ActionOf(Barrier barrier);
}
