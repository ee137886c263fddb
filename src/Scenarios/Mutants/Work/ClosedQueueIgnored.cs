using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Work;

/// <summary>Who queues work does not look whether the vCPU's thread has ended meanwhile.</summary>
public readonly struct ClosedQueueIgnored : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<ClosedQueueIgnored>(
        "closed-queue-ignored", "the work is handed to a vCPU whose thread has looked for work for the last time");

    public static bool Queue(VCpu cpu, CpuWork work)
    {
        _ = cpu.Work.Add(work); // the wrong line: false says that nobody will do the work
        cpu.Kick();
        return true;
    }
}
