using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Auditing;

/// <summary>
/// The invariant of races.md TB05, besides that of TB01: while a vCPU executes a block its slot is not handed out again.
/// </summary>
/// <remarks>Tested where a block is entered and where the chain ends: a slot that was recycled in between stays recycled.</remarks>
public readonly struct ExecutionAudit : IAudit
{
    public void Attach(int cpus) { }

    /// <exception cref="AuditViolationException">The slot of the code was handed out again.</exception>
    public void Executed(VCpu cpu, TbCode code) => Check(cpu, code);

    /// <exception cref="AuditViolationException">The slot of the code was handed out again.</exception>
    public void Left(VCpu cpu, TbCode ran, int exit) => Check(cpu, ran);

    public void Patch(VCpu cpu, TbCode ran, int exit, TranslationBlock origin, TranslationBlock destination) =>
        default(GenerationAudit).Patch(cpu, ran, exit, origin, destination);

    public void OriginKept(VCpu cpu, TranslationBlock origin, bool flushed) =>
        default(GenerationAudit).OriginKept(cpu, origin, flushed);

    public void Stopped(VCpu cpu) { }

    private static void Check(VCpu cpu, TbCode code)
    {
        if (code.Slot.Generation != code.Generation)
        {
            throw new AuditViolationException(
                $"vCPU {cpu.Index} executes a recycled block: it runs pc 0x{code.Pc:x} in slot {code.Slot.Index} generation {code.Generation}, " +
                $"but the slot now holds pc 0x{code.Slot.Pc:x}, generation {code.Slot.Generation}");
        }
    }
}
