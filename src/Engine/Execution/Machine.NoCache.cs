using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>cpu_exec_nocache: a temporary block for a few instructions.</summary>
public sealed partial class Machine<TInvalidation, TMemory, TAudit>
{
    internal override TranslationBlock? CpuExecNoCache(VCpu cpu, int maxInstructions, TranslationBlock? origin)
    {
        if (!FetchCode(cpu, cpu.Pc, out CodeAddress at))
        {
            return origin;
        }

        TranslationBlock? temporary;
        lock (_tbLock)
        {
            cpu.InLoop = true;
            cpu.QuietSince = _flushCount;
            ulong started = _invalidation.NoCacheStarts(cpu);
            TranslationBlock? none = null;
            while ((temporary = TbGenCode(cpu, cpu.Pc, at, TbFlags.NoCache, maxInstructions, ref none)) == null)
            {
                origin = null; // it waited for slots: it may not hold one then
                if (StopRequested)
                {
                    cpu.InLoop = false;
                    return null;
                }
            }

            if (origin != null && !_invalidation.OriginSurvives(cpu, origin, started))
            {
                origin = null;
            }
        }

        Interpreter.Run<TMemory, TAudit>(this, cpu, temporary.Code, ref _audit, out _);
        lock (_tbLock)
        {
            _arena.FreeLast(temporary);
            cpu.InLoop = false;
            EndGracePeriodIfOver();
        }

        return origin;
    }
}
