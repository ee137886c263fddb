using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Work;

/// <summary>A vCPU is asked to come out for work that is not in its queue yet.</summary>
/// <remarks>Races.md scenario 30, "kick before enqueue".</remarks>
public readonly struct KickedBeforeQueued : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<KickedBeforeQueued>(
        "kicked-before-queued", "the vCPU comes out, finds nothing to do and is not asked again");

    public static bool Queue(VCpu cpu, CpuWork work)
    {
        cpu.Kick(); // the wrong line: it comes last
        return cpu.Work.Add(work);
    }
}
