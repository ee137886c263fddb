using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Exclusive;

/// <summary>A vCPU is put on the list before its jump cache is there.</summary>
/// <remarks>Races.md TB19; QEMU before 4e4fa6c12d97.</remarks>
public readonly struct PublishedBeforeRealized : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<PublishedBeforeRealized>(
        "published-before-realized", "who walks the list meets a vCPU without a jump cache (TB19)");

    public static void PlugIn(CpuList cpus, VCpu cpu, ExclusiveState exclusive)
    {
        cpus.Add(cpu); // the wrong line: it comes last
        cpu.Realize();
    }
}
