using System.Runtime.ExceptionServices;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>Exclusive sections, work on vCPUs, hot-plug, and the executions outside the main loop: step atomic and no-cache.</summary>
public sealed partial class Machine<TInvalidation, TMemory, TAudit, TProtocol>
{
    public override void CpuExecStart(VCpu cpu)
    {
        _exclusive.CpuExecStart(cpu);
        EnterReadSection(cpu);
        EnterLoop(cpu);
    }

    public override void CpuExecEnd(VCpu cpu)
    {
        LeaveLoop(cpu);
        cpu.Rcu?.Leave();
        _exclusive.CpuExecEnd(cpu);
    }

    public override void StartExclusive(VCpu? self)
    {
        if (BigLock.IsHeld)
        {
            throw new InvalidOperationException("give up the big lock before starting an exclusive section: a vCPU may need it to come out (TB23)");
        }

        _exclusive.Start(self);
    }

    public override void EndExclusive(VCpu? self) => _exclusive.End(self);

    public override void AsyncRunOnCpu(VCpu cpu, Action<VCpu> work)
    {
        if (!TProtocol.Queue(cpu, new CpuWork(CpuWorkKind.Async, work)))
        {
            RunInstead(cpu, work);
        }
    }

    public override void AsyncSafeRunOnCpu(VCpu cpu, Action<VCpu> work)
    {
        if (TProtocol.Queue(cpu, new CpuWork(CpuWorkKind.Safe, work)))
        {
            return;
        }

        if (cpu.IsRunning)
        {
            throw new InvalidOperationException($"vCPU {cpu.Index} runs again after its CpuExec has ended: nobody would do its safe work");
        }

        StartExclusive(null);
        try
        {
            work(cpu);
        }
        finally
        {
            EndExclusive(null);
        }
    }

    public override void RunOnCpu(VCpu cpu, Action<VCpu> work, VCpu? caller = null)
    {
        if (caller == cpu)
        {
            work(cpu);
            return;
        }

        if (caller is { IsRunning: true })
        {
            throw new InvalidOperationException($"vCPU {caller.Index} must end its execution before it waits for another one's work");
        }

        CpuWork item = new(CpuWorkKind.Sync, work);
        if (!TProtocol.Queue(cpu, item))
        {
            RunInstead(cpu, work);
            return;
        }

        bool held = BigLock.IsHeld;
        if (held)
        {
            BigLock.Exit();
        }

        lock (Completion)
        {
            while (!item.Done)
            {
                Monitor.Wait(Completion);
            }
        }

        if (held)
        {
            BigLock.Enter();
        }

        if (item.Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    public override void ProcessQueuedWork(VCpu cpu)
    {
        TProtocol.TakeRequest(cpu);
        _exclusive.ProcessQueuedWork(cpu, Completion);
    }

    public override VCpu AddCpu(ulong pc)
    {
        VCpu cpu = NewCpu(pc);
        TProtocol.PlugIn(Tb.Cpus, cpu, Exclusive);
        return cpu;
    }

    private protected override void UnplugUnstarted(VCpu cpu) => TProtocol.UnplugUnstarted(() => FinishWork(cpu));

    // The vCPU's thread looks no more, or there never was one.
    private void FinishWork(VCpu cpu)
    {
        while (!cpu.Work.TryClose())
        {
            _exclusive.ProcessQueuedWork(cpu, Completion);
        }
    }

    public override TranslationBlock? CpuExecNoCache(VCpu cpu, int maxInstructions, TranslationBlock? origin)
    {
        if (!FetchCode(cpu, cpu.Pc, out CodeAddress at))
        {
            return origin;
        }

        bool inside = cpu.IsRunning;
        if (!inside)
        {
            CpuExecStart(cpu);
        }

        TbFlags flags = TbFlags.NoCache | cpu.Mode | (TbFlags)Math.Min(maxInstructions, Translator.MaxInstructions);
        TranslationBlock? temporary;
        while ((temporary = GenerateTemporary(cpu, at, flags, ref origin)) == null && !MustStop(cpu))
        {
            if (cpu.FetchAgain)
            {
                cpu.FetchAgain = false;
                if (!FetchCode(cpu, cpu.Pc, out at))
                {
                    break;
                }

                continue;
            }

            // The flush it has requested needs it outside; what it holds does not survive that.
            origin = null;
            CpuExecEnd(cpu);
            ProcessQueuedWork(cpu);
            CpuExecStart(cpu);
        }

        if (temporary != null)
        {
            TbCode code = temporary.Code;
            Execute(cpu, code, out _);
            _invalidation.CodeLeft(cpu);
            using TbLockScope scope = new(_tbLock, TInvalidation.TakesTbLock);
            Tb.Arena.FreeLast(code);
        }

        if (!inside)
        {
            CpuExecEnd(cpu);
        }

        return origin;
    }

    /// <returns>Null if there is no space until the vCPU has been outside.</returns>
    private TranslationBlock? GenerateTemporary(VCpu cpu, CodeAddress at, TbFlags flags, ref TranslationBlock? origin)
    {
        using TbLockScope scope = new(_tbLock, TInvalidation.TakesTbLock);
        long flushes = Tb.FlushCount;
        ulong started = _invalidation.NoCacheStarts(cpu);
        TranslationBlock? none = null, temporary;
        while ((temporary = TbGenCode(cpu, cpu.Pc, at, flags, ref none)) == null && !cpu.FetchAgain)
        {
            origin = null; // it waited for slots, or must let a flush happen: it may not hold one then
            if (_flush == FlushDiscipline.Exclusive || MustStop(cpu))
            {
                break;
            }
        }

        if (origin != null && !_invalidation.OriginSurvives(cpu, origin, started))
        {
            origin = null;
        }

        if (origin != null)
        {
            _audit.OriginKept(cpu, origin, Tb.FlushCount != flushes);
        }

        return temporary;
    }

    public override void CpuExecStepAtomic(VCpu cpu)
    {
        AtomicStep step = new(this, cpu);
        TProtocol.StepAtomic(ref step);
    }

    private struct AtomicStep(Machine<TInvalidation, TMemory, TAudit, TProtocol> machine, VCpu cpu) : Protocol.IAtomicStep
    {
        private TbCode? _code;

        public readonly void StartExclusive() => machine.StartExclusive(cpu);

        public readonly void EndExclusive() => machine.EndExclusive(cpu);

        public void Find()
        {
            TbFlags flags = TbFlags.Exclusive | cpu.Mode | (TbFlags)1;
            TranslationBlock? none = null, tb = null;
            while (tb == null && !machine.MustStop(cpu))
            {
                cpu.FetchAgain = false;
                if (!machine.FetchCode(cpu, cpu.Pc, out CodeAddress at))
                {
                    return;
                }

                using TbLockScope scope = new(machine._tbLock, TInvalidation.TakesTbLock);
                tb = machine.TbFindInHash(cpu, at, flags) ?? machine.TbGenCode(cpu, cpu.Pc, at, flags, ref none);
            }

            _code = tb?.Code;
        }

        public readonly void Execute()
        {
            if (_code != null)
            {
                // The slot's code, as QEMU would run what is there now.
                machine.Execute(cpu, _code, out int exit);
                machine._audit.Left(cpu, _code, exit);
            }
        }
    }

    // The vCPU's thread has ended, so nobody else touches it; the big lock keeps callers apart.
    private void RunInstead(VCpu cpu, Action<VCpu> work)
    {
        bool held = BigLock.IsHeld;
        if (!held)
        {
            BigLock.Enter();
        }

        try
        {
            work(cpu);
        }
        finally
        {
            if (!held)
            {
                BigLock.Exit();
            }
        }
    }
}
