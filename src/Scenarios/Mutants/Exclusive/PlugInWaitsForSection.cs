using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Exclusive;

/// <summary>Plugging a vCPU in, under the big lock, waits until no exclusive section is on.</summary>
/// <remarks>Races.md TB23; QEMU's finish_safe_work, removed in 2019.</remarks>
public readonly struct PlugInWaitsForSection : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<PlugInWaitsForSection>(
        "plug-in-waits-for-section", "the section's work needs the big lock, whose holder waits for the section (TB23)");

    public static void PlugIn(CpuList cpus, VCpu cpu, ExclusiveState exclusive)
    {
        cpu.Realize();
        cpus.Add(cpu);
        exclusive.WaitUntilNone(); // the wrong line
    }
}
