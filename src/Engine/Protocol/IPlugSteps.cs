using Verify.Engine.Execution;

namespace Verify.Engine.Protocol;

/// <summary>vCPU hot-add and hot-remove; races.md TB19, TB23.</summary>
public interface IPlugSteps
{
    /// <summary>Makes a new vCPU complete, then visible to those who walk the list. It never waits for an exclusive section to end (TB23).</summary>
    static virtual void PlugIn(CpuList cpus, VCpu cpu, ExclusiveState exclusive)
    {
        cpu.Realize();
        cpus.Add(cpu);
    }

    /// <summary>A vCPU is unplugged that has never run and never will: what was queued for it is done in its place, for somebody may wait.</summary>
    /// <param name="finishWork">Does what is queued, and has those who come later do their work themselves.</param>
    static virtual void UnplugUnstarted(Action finishWork) => finishWork();
}
