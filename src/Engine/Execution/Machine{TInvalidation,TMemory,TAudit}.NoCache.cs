using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>cpu_exec_nocache: a temporary block for a few instructions.</summary>
public sealed partial class Machine<TInvalidation, TMemory, TAudit>
{
    /// <summary>Translates at most <paramref name="maxInstructions"/> from the vCPU's pc for one execution, runs them, and frees the block.</summary>
    /// <param name="origin">The block these instructions were taken from, or null.</param>
    /// <returns>The origin, if it survived the generation of the temporary block; otherwise null.</returns>
    /// <remarks>After QEMU cpu-exec.c at 118b0730. On the vCPU's own thread, outside <see cref="Machine.CpuExec"/> or between two chains.</remarks>
    internal TranslationBlock? CpuExecNoCache(VCpu cpu, int maxInstructions, TranslationBlock? origin)
    {
        TranslationBlock? temporary;
        lock (_tbLock)
        {
            ulong started = _invalidation.NoCacheStarts(cpu);
            TranslationBlock? none = null;
            while ((temporary = TbGenCode(cpu, cpu.Pc, TbFlags.NoCache, maxInstructions, ref none)) == null)
            {
                if (StopRequested)
                {
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
        }

        return origin;
    }
}
