namespace Verify.Checker.Runtime;

/// <summary>A barrier: how many take part, how many of them have arrived in this phase.</summary>
internal sealed class BarrierModel(Execution execution, Barrier barrier, Action<Barrier>? postPhaseAction) : Waitable(execution, "barrier")
{
    private readonly List<PhaseEnd> _ends = []; // what threads wait for
    private ControlledThread? _inAction; // runs the post-phase action; all have arrived, and the phase is not over
    private Exception? _thrown;          // by the action of the phase before the current one

    internal int Total { get; set; }

    internal int Arrived { get; private set; }

    internal long Phase { get; set; }

    internal bool Disposed { get; set; }

    internal override ControlledThread? Owner => _inAction;

    internal override string Describe() => $"{Name} ({Arrived} of {Total} arrived)";

    internal override bool CanTake(ControlledThread thread) => true;

    internal bool SignalAndWait(ControlledThread thread, int timeout, CancellationToken token, int site)
    {
        Execution execution = thread.Execution;
        ThrowIfInAction(thread);
        CancellationModel? cancel = CancellationModel.Of(thread, token);
        if (cancel is { Cancelled: true } && !execution.Aborting)
        {
            throw new OperationCanceledException(token);
        }

        if (!execution.Signal(thread, this, site))
        {
            return true;
        }

        if (Total == 0)
        {
            throw new InvalidOperationException("The barrier has no registered participants.");
        }

        if (Arrived == Total)
        {
            throw new InvalidOperationException(
                "The number of threads using the barrier exceeded the total number of registered participants.");
        }

        Arrived++;
        if (Arrived == Total)
        {
            FinishPhase(thread);
            ThrowIfActionThrew();
            return true;
        }

        var end = new PhaseEnd(execution, this, Phase) { EdgeId = EdgeId };
        _ends.Add(end);
        WaitOutcome outcome = execution.Wait(thread, end, cancel, timeout, site);
        if (outcome != WaitOutcome.Taken)
        {
            if (_inAction is null)
            {
                Arrived--; // it takes its arrival back
                _ends.Remove(end);
                return outcome == WaitOutcome.Cancelled ? throw new OperationCanceledException(token) : false;
            }

            // Too late to take it back: the phase is ending.
            execution.Wait(thread, end, null, Timeout.Infinite, site);
        }

        _ends.Remove(end);
        ThrowIfActionThrew();
        return true;
    }

    internal long Add(ControlledThread thread, int count, int site)
    {
        ThrowIfInAction(thread);
        if (!thread.Execution.Signal(thread, this, site))
        {
            return Phase;
        }

        if (_inAction is not null)
        {
            // The real one waits for the phase to end before it returns the next phase's number.
            thread.Execution.Wait(thread, EndOfPhase(thread.Execution), null, Timeout.Infinite, site);
        }

        if (Total + count > short.MaxValue)
        {
            throw new InvalidOperationException(
                "Adding participantCount participants would result in the number of participants exceeding the maximum number allowed.");
        }

        Total += count;
        return Phase;
    }

    internal void Remove(ControlledThread thread, int count, int site)
    {
        ThrowIfInAction(thread);
        if (!thread.Execution.Signal(thread, this, site))
        {
            return;
        }

        if (_inAction is not null)
        {
            thread.Execution.Wait(thread, EndOfPhase(thread.Execution), null, Timeout.Infinite, site);
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Total, "participantCount");
        if (Total - count < Arrived)
        {
            throw new InvalidOperationException(
                "The participantCount argument is greater than the number of participants that haven't yet arrived at the barrier in this phase.");
        }

        Total -= count;
        if (Total > 0 && Arrived == Total)
        {
            FinishPhase(thread);
            ThrowIfActionThrew();
        }
    }

    internal void ThrowIfInAction(ControlledThread thread)
    {
        if (_inAction == thread && !thread.Execution.Aborting)
        {
            throw new InvalidOperationException("This method may not be called from within the postPhaseAction.");
        }
    }

    private PhaseEnd EndOfPhase(Execution execution)
    {
        var end = new PhaseEnd(execution, this, Phase) { EdgeId = EdgeId };
        _ends.Add(end);
        return end;
    }

    // Other threads may run meanwhile, and find all arrived and the phase not over.
    private void FinishPhase(ControlledThread thread)
    {
        Exception? thrown = null;
        if (postPhaseAction is not null)
        {
            _inAction = thread;
            try
            {
                postPhaseAction(barrier);
            }
            catch (Exception e) when (e is not ExecutionAbortException)
            {
                thrown = e;
            }

            _inAction = null;
        }

        _thrown = thrown;
        Arrived = 0;
        Phase++;
        foreach (PhaseEnd end in _ends)
        {
            end.Changed(thread.Execution);
        }
    }

    private void ThrowIfActionThrew()
    {
        if (_thrown is not null)
        {
            throw new BarrierPostPhaseException(_thrown);
        }
    }

    private sealed class PhaseEnd(Execution execution, BarrierModel barrier, long phase) : Waitable(execution, "end of a phase")
    {
        internal override ControlledThread? Owner => barrier.Owner;

        internal override nuint Address => barrier.Address;

        internal override string Describe() => barrier.Describe();

        internal override bool CanTake(ControlledThread thread) => barrier.Phase > phase;
    }
}
