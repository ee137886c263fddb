using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Work;

/// <summary>A vCPU takes the request to come out back and looks for its reason, without a barrier in between.</summary>
/// <remarks>Races.md scenario 31; QEMU cpu_handle_interrupt, whose qatomic_set_mb pairs with the smp_wmb of cpu_exit.</remarks>
public readonly struct RequestTakenUnordered : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<RequestTakenUnordered>(
        "request-taken-unordered", "the reason is looked for before the request is taken back: a request that comes in between is lost");

    public static void TakeRequest(VCpu cpu) => cpu.TakeExitRequestUnordered(); // the wrong line: TakeExitRequest
}
