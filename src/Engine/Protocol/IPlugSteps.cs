using Verify.Engine.Execution;

namespace Verify.Engine.Protocol;

/// <summary>vCPU hot-add; races.md TB19, TB23.</summary>
public interface IPlugSteps
{
    /// <summary>Makes a new vCPU complete, then visible to those who walk the list. It never waits for an exclusive section to end (TB23).</summary>
    static virtual void PlugIn(CpuList cpus, VCpu cpu, ExclusiveState exclusive)
    {
        cpu.Realize();
        cpus.Add(cpu);
    }
}
