using Verify.Engine.Guest;

namespace Verify.Engine.Execution;

/// <summary>The vCPUs asleep in wfi. When all are, time skips to the next timer, as the guest cannot tell how long it slept.</summary>
/// <remarks>After QEMU's halted vCPUs (cpus.c, all_cpu_threads_idle) and the warp timer of its -icount sleep=off.</remarks>
internal sealed class IdleHarts(Clint clint, VirtualClock clock)
{
    private readonly object _lock = new();
    private readonly List<VCpu> _asleep = []; // under _lock
    private int _harts;                       // under _lock; plugged in and not ended

    /// <summary>Sleeps until somebody kicks the vCPU. It must hold no slot of the translation cache and no lock.</summary>
    /// <returns>False if nobody ever will: all others sleep or have ended, and no timer is set.</returns>
    public bool Sleep(VCpu cpu)
    {
        if (clock.IsFree)
        {
            Thread.Yield(); // nobody announces the passing of the host's time: the caller looks again and again
            return true;
        }

        bool canWake = true;
        lock (_lock)
        {
            _asleep.Add(cpu);
            Volatile.Write(ref cpu.Asleep, 1);
            Interlocked.MemoryBarrier(); // Pairs with the exchange in VCpu.Kick: it sees Asleep, or this loop sees the request.
            while (canWake && !cpu.IsKicked)
            {
                bool isEverybodyAsleep = _asleep.Count == _harts && _asleep.TrueForAll(other => !other.IsKicked);
                if (!isEverybodyAsleep)
                {
                    Monitor.Wait(_lock);
                }
                else
                {
                    canWake = clint.SkipToNextTimer();
                }
            }

            Volatile.Write(ref cpu.Asleep, 0);
            _asleep.Remove(cpu);
        }

        return canWake;
    }

    /// <summary>The machine is paused: sleeps until somebody kicks the vCPU. It is not idle, so time stands still.</summary>
    public void Park(VCpu cpu)
    {
        lock (_lock)
        {
            Volatile.Write(ref cpu.Asleep, 1);
            Interlocked.MemoryBarrier(); // Pairs with the exchange in VCpu.Kick: it sees Asleep, or this loop sees the request.
            while (!cpu.IsKicked)
            {
                Monitor.Wait(_lock);
            }

            Volatile.Write(ref cpu.Asleep, 0);
        }
    }

    /// <summary>Lets every sleeper look whether it was kicked.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>A vCPU is plugged in, and awake.</summary>
    public void Join()
    {
        lock (_lock)
        {
            _harts++;
        }
    }

    /// <summary>A vCPU leaves its loop for good: who is left may have nobody to wait for.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _harts--;
            Monitor.PulseAll(_lock);
        }
    }
}
