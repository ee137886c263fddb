using Verify.Engine.Protocol;

namespace Verify.Engine.Execution;

/// <summary>What an exclusive section keeps; <see cref="ExclusiveSection{TProtocol}"/> is the protocol over it.</summary>
public sealed class ExclusiveState
{
    internal readonly object Lock = new();
    internal int Pending; // volatile: 0 none; else 1 plus the running vCPUs that are still waited for. Written under Lock

    /// <summary>Somebody is in an exclusive section or waits to enter it.</summary>
    public bool IsPending => Volatile.Read(ref Pending) != 0;

    /// <summary>Waits until nobody is in an exclusive section. With the big lock held it can deadlock (TB23).</summary>
    public void WaitUntilNone()
    {
        lock (Lock)
        {
            while (Volatile.Read(ref Pending) != 0)
            {
                Monitor.Wait(Lock);
            }
        }
    }
}

/// <summary>start_exclusive, end_exclusive, cpu_exec_start and cpu_exec_end of QEMU cpus-common.c at 068a5ea0 (races.md 3.6).</summary>
/// <remarks>
/// A vCPU between CpuExecStart and CpuExecEnd runs; an exclusive section has all of them outside. The fast path of a vCPU is a store, a fence and a
/// load. One lock serves as QEMU's qemu_cpu_list_lock, with its two condition variables merged: waiters test for themselves.
/// </remarks>
public sealed class ExclusiveSection<TProtocol>(CpuList cpus, BigLock bigLock, ExclusiveState state)
    where TProtocol : struct, IProtocol
{
    /// <summary>Waits until every vCPU is outside <see cref="CpuExecStart"/> and <see cref="CpuExecEnd"/>, and keeps them there.</summary>
    /// <param name="self">The vCPU whose thread calls, or null; only a vCPU's sections nest.</param>
    /// <exception cref="InvalidOperationException">The vCPU runs: it would wait for itself (TB24).</exception>
    public void Start(VCpu? self)
    {
        if (TProtocol.IsNested(self))
        {
            self!.ExclusiveDepth++;
            return;
        }

        if (self is { IsRunning: true })
        {
            throw new InvalidOperationException($"vCPU {self.Index} must end its execution before it starts an exclusive section");
        }

        lock (state.Lock)
        {
            while (Volatile.Read(ref state.Pending) != 0)
            {
                Monitor.Wait(state.Lock);
            }

            Volatile.Write(ref state.Pending, 1);
            TProtocol.FenceBeforeScan();
            int running = 0;
            foreach (VCpu cpu in cpus.Snapshot)
            {
                if (cpu.IsRunning)
                {
                    cpu.HasWaiter = true;
                    cpu.Kick();
                    running++;
                }
            }

            Volatile.Write(ref state.Pending, running + 1);
            while (Volatile.Read(ref state.Pending) > 1)
            {
                Monitor.Wait(state.Lock);
            }
        }

        if (self != null)
        {
            self.ExclusiveDepth++;
        }
    }

    /// <summary>Ends the section that the last call of <see cref="Start"/> began.</summary>
    public void End(VCpu? self)
    {
        if (self != null && --self.ExclusiveDepth > 0)
        {
            return;
        }

        lock (state.Lock)
        {
            Volatile.Write(ref state.Pending, 0);
            Monitor.PulseAll(state.Lock);
        }
    }

    /// <summary>The vCPU is about to execute. Waits while an exclusive section is on, unless that section has counted this vCPU already.</summary>
    public void CpuExecStart(VCpu cpu)
    {
        cpu.IsRunning = true;
        TProtocol.FenceAfterRunning();
        if (!state.IsPending)
        {
            return;
        }

        lock (state.Lock)
        {
            if (!cpu.HasWaiter)
            {
                // Not counted: the section saw us outside, so it may be on already.
                cpu.IsRunning = false;
                while (Volatile.Read(ref state.Pending) != 0)
                {
                    Monitor.Wait(state.Lock);
                }

                cpu.IsRunning = true;
            }
        }
    }

    /// <summary>The vCPU has come out.</summary>
    public void CpuExecEnd(VCpu cpu)
    {
        cpu.IsRunning = false;
        TProtocol.FenceAfterRunning();
        if (!state.IsPending)
        {
            return;
        }

        lock (state.Lock)
        {
            if (cpu.HasWaiter)
            {
                cpu.HasWaiter = false;
                Volatile.Write(ref state.Pending, state.Pending - 1);
                if (state.Pending == 1)
                {
                    Monitor.PulseAll(state.Lock);
                }
            }
        }
    }

    /// <summary>Does a vCPU's queued work, on its thread, while it is outside (process_queued_cpu_work).</summary>
    /// <param name="completion">The lock that those who wait for work wait on.</param>
    public void ProcessQueuedWork(VCpu cpu, object completion)
    {
        if (cpu.Work.Take() is not { } work)
        {
            return;
        }

        bigLock.Enter();
        try
        {
            for (CpuWork? next = work; next != null; next = cpu.Work.Take())
            {
                if (next.Kind == CpuWorkKind.Safe)
                {
                    RunSafe(cpu, next);
                }
                else
                {
                    RunOrdinary(cpu, next, completion);
                }
            }
        }
        finally
        {
            bigLock.Exit();
        }
    }

    private void RunSafe(VCpu cpu, CpuWork work)
    {
        TProtocol.BeforeSafeWork(bigLock);
        try
        {
            Start(cpu);
            try
            {
                work.Run(cpu);
            }
            finally
            {
                End(cpu);
            }
        }
        finally
        {
            TProtocol.AfterSafeWork(bigLock);
        }
    }

    private static void RunOrdinary(VCpu cpu, CpuWork work, object completion)
    {
        if (work.Kind == CpuWorkKind.Async)
        {
            work.Run(cpu);
            return;
        }

        try
        {
            work.Run(cpu);
        }
        catch (Exception e)
        {
            work.Failure = e; // it belongs to who asked
        }

        TProtocol.Complete(work, completion);
    }
}
