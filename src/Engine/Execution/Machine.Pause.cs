
namespace Verify.Engine.Execution;

/// <summary>Stopping all vCPUs between two executions, so that their state can be read, and letting them go on.</summary>
public abstract partial class Machine
{
    private bool _paused; // under Completion

    /// <summary>
    /// Returns when no vCPU executes or changes its registers, memory or devices; they stay so until <see cref="ResumeAllCpus"/>. vCPUs that start
    /// meanwhile wait. What was queued for a vCPU is still done.
    /// </summary>
    /// <remarks>After QEMU's pause_all_vcpus. Not on a vCPU's thread, nor with the big lock held: a vCPU may need it to come out.</remarks>
    public void PauseAllCpus()
    {
        lock (Completion)
        {
            _paused = true;
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

    /// <summary>Ends what <see cref="PauseAllCpus"/> began.</summary>
    public void ResumeAllCpus()
    {
        IReadOnlyList<VCpu> cpus = Cpus;
        lock (Completion)
        {
            _paused = false;
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

    /// <summary>The vCPU starts: if the machine is paused, it waits. Owner only.</summary>
    private protected void ParkIfPaused(VCpu cpu)
    {
        bool isPaused;
        lock (Completion)
        {
            isPaused = _paused;
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
        SetParked(cpu, true);
        ProcessQueuedWork(cpu); // takes the kick back, and only then is its reason looked for: a kick that comes later keeps it from sleeping
        while ((Volatile.Read(ref cpu.Requests) & VCpu.Pause) != 0 && !StopRequested)
        {
            _idle.Park(cpu);
            ProcessQueuedWork(cpu);
        }

        SetParked(cpu, false);
        cpu.Kick(); // there may have been a reason among those that were taken back
    }

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

    private void SetParked(VCpu cpu, bool parked)
    {
        lock (Completion)
        {
            cpu.Parked = parked;
            Monitor.PulseAll(Completion);
        }
    }
}
