using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Auditing;

/// <summary>No ghost state: every hook is empty and disappears in the specialised code.</summary>
public readonly struct NoAudit : IAudit
{
    public void Attach(int cpus) { }

    public void Executed(VCpu cpu, TbCode code) { }

    public void Left(VCpu cpu, TbCode ran, int exit) { }

    public void Patch(VCpu cpu, TbCode ran, int exit, TranslationBlock origin, TranslationBlock destination) { }

    public void OriginKept(VCpu cpu, TranslationBlock origin, bool flushed) { }

    public void Stopped(VCpu cpu) { }
}
