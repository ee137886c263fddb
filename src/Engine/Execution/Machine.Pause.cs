namespace Verify.Engine.Execution;

/// <summary>Stopping all vCPUs between two executions, so that their state can be read, and letting them go on.</summary>
public abstract partial class Machine
{
    private int _pauses; // under Completion; begun and not ended

    /// <summary>
    /// Returns when no vCPU executes or changes its registers, memory or devices; they stay so until <see cref="ResumeAllCpus"/>. vCPUs that start
    /// meanwhile wait. What was queued for a vCPU is still done; one that is unplugged leaves, and so do all when the machine is stopped.
    /// </summary>
    /// <remarks>
    /// After QEMU's pause_all_vcpus. Several threads may pause the machine, each for itself: it goes on when all have resumed it.
    /// Not on a vCPU's thread, nor with the big lock held: a vCPU may need it to come out.
    /// </remarks>
    public void PauseAllCpus()
    {
        lock (Completion)
        {
            _pauses++;
        }

        foreach (VCpu cpu in Cpus)
        {
            Interlocked.Or(ref cpu.Requests, VCpu.Pause);
            cpu.Kick(); // after the request: the vCPU takes the kick back, then looks for its reason
        }

        lock (Completion)
        {
            while (Cpus.Any(cpu => cpu.Started && !cpu.Gone && !cpu.Parked))
            {
                Monitor.Wait(Completion);
            }
        }
    }

    /// <summary>Ends what one call of <see cref="PauseAllCpus"/> began. A machine that nobody has paused is left alone.</summary>
    public void ResumeAllCpus()
    {
        IReadOnlyList<VCpu> cpus;
        lock (Completion)
        {
            if (_pauses == 0 || !EndPause(ref _pauses))
            {
                return;
            }

            cpus = Cpus; // in the lock: a vCPU that has found the machine paused is among them
            foreach (VCpu cpu in cpus)
            {
                Interlocked.And(ref cpu.Requests, ~VCpu.Pause);
            }
        }

        foreach (VCpu cpu in cpus)
        {
            cpu.Kick();
        }
    }

    private protected abstract bool EndPause(ref int pauses);

    private protected abstract bool LeavePark(bool mustStay);

    /// <summary>The vCPU starts: if the machine is paused, it waits. Owner only.</summary>
    private protected void ParkIfPaused(VCpu cpu)
    {
        bool isPaused;
        lock (Completion)
        {
            isPaused = _pauses > 0;
            if (isPaused)
            {
                Interlocked.Or(ref cpu.Requests, VCpu.Pause); // in the lock: after a resume nobody would take it back
            }
        }

        if (isPaused)
        {
            Park(cpu);
        }
    }

    /// <summary>Waits while the machine is paused, doing work that is queued. Outside the loop; owner only.</summary>
    private protected void Park(VCpu cpu)
    {
        lock (Completion)
        {
            cpu.Parked = true;
            Monitor.PulseAll(Completion);
        }

        ProcessQueuedWork(cpu); // takes the kick back, and only then is its reason looked for: a kick that comes later keeps it from sleeping
        while (!LeavesPark(cpu))
        {
            _idle.Park(cpu);
            ProcessQueuedWork(cpu);
        }

        cpu.Kick(); // there may have been a reason among those that were taken back
    }

    private bool LeavesPark(VCpu cpu)
    {
        if (MustStayParked(cpu))
        {
            return false;
        }

        lock (Completion)
        {
            // A pause sets its request before it takes this lock to see who is parked: one that found this vCPU parked is seen here.
            bool leaves = LeavePark(MustStayParked(cpu));
            cpu.Parked = !leaves;
            return leaves;
        }
    }

    private bool MustStayParked(VCpu cpu) => (Volatile.Read(ref cpu.Requests) & (VCpu.Pause | VCpu.Unplug)) == VCpu.Pause && !StopRequested;

    private protected void EnterReadSection(VCpu cpu)
    {
        if (Ram.Others is { } others)
        {
            // Inside for as long as it executes, as QEMU's cpu_exec (RC05); a drain kicks it out.
            (cpu.Rcu ??= others.Rcu.Register(cpu.Kick)).Enter();
        }
    }

    /// <summary>The vCPU's thread ends: it reads no dirty memory and no RAM any more. Owner only.</summary>
    private protected void LetGoOfMemory(VCpu cpu)
    {
        if (Options.Milestones != null)
        {
            ReportTime(cpu, cpu.Instructions);
        }

        cpu.Dirty?.Detach();
        cpu.Dirty = null;
        if (cpu.Rcu is { } reader)
        {
            Ram.Others!.Rcu.Unregister(reader);
            cpu.Rcu = null;
        }
    }
}
