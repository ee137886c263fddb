using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Auditing;

/// <summary>The invariant of races.md TB01: <c>tb_add_jump(o, n, d)</c> only if <c>o</c> is the same incarnation that executed.</summary>
public readonly struct GenerationAudit : IAudit
{
    public void Attach(int cpus) { }

    public void Executed(VCpu cpu, TbCode code) { }

    public void Left(VCpu cpu, TbCode ran, int exit) { }

    /// <exception cref="AuditViolationException">The slot was handed out again since its block ran.</exception>
    public void Patch(VCpu cpu, TbCode ran, int exit, TranslationBlock origin, TranslationBlock destination)
    {
        if (origin != ran.Slot || origin.Generation != ran.Generation)
        {
            throw new AuditViolationException(
                $"vCPU {cpu.Index} patches a recycled block: it ran pc 0x{ran.Pc:x} in slot {ran.Slot.Index} generation {ran.Generation}, " +
                $"but exit {exit} of slot {origin.Index} now belongs to pc 0x{origin.Pc:x}, generation {origin.Generation}; " +
                $"that block would jump to pc 0x{destination.Pc:x} " +
                $"(slot {destination.Index} generation {destination.Generation})");
        }
    }

    /// <exception cref="AuditViolationException">The slot was flushed while the temporary block was generated (TB26).</exception>
    public void OriginKept(VCpu cpu, TranslationBlock origin, bool flushed)
    {
        if (flushed)
        {
            throw new AuditViolationException(
                $"vCPU {cpu.Index} keeps a flushed original: a flush came while the temporary block was generated, and slot {origin.Index} " +
                $"now holds pc 0x{origin.Pc:x}, generation {origin.Generation}");
        }
    }

    public void Stopped(VCpu cpu) { }
}
