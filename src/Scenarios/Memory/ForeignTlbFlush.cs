using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Memory;

/// <summary>A device has a page of a vCPU's TLB flushed while the vCPU stores through it.</summary>
/// <remarks>Invariant: the addend that a store uses belongs to the tag it compared, and after the request has returned nothing hits.</remarks>
public sealed class ForeignTlbFlush() : TlbScenario(
    ScenarioCase.Sound("queued-to-owner", "the vCPU flushes its TLB itself, between two blocks", () => Run(Queued)),
    ScenarioCase.Mutant(
        "direct-call", "the device's thread empties the entry between the comparison of the tag and the addend (TB32)", "does not belong to the tag",
        () => Run((_, cpu) => cpu.Tlb.FlushPage(Address))),
    ScenarioCase.Mutant(
        "not-waited-for", "the request returns while the vCPU still has the old translation (TB31)", "after the flush", () => Run(Posted)))
{
    private static readonly GuestImage s_guest = GuestCode.Image(GuestCode.Jump(0));

    public override string Name => "foreign-tlb-flush";

    public override string Summary => "a device has a page of a vCPU's TLB flushed while the vCPU stores to it";

    public override string Source => "races.md TB31, TB32, scenario 34";

    private static void Run(Action<Machine, VCpu> flush)
    {
        using Machine machine = InvalidationCatalog.Find("exclusive-flush").Create<OrderedMemory, NoAudit>(
            s_guest, new MachineOptions { Cpus = 1, RamSize = GuestRam.PageSize, TbCapacity = 6, JumpCacheBits = 1 });
        VCpu cpu = machine.Cpus[0];
        FillPage(cpu);
        int flushed = 0;
        RunActors(
            ("vcpu0", () =>
            {
                for (bool stale = true; stale;)
                {
                    machine.CpuExecStart(cpu);
                    bool after = Volatile.Read(ref flushed) != 0;
                    stale = Hits(cpu);
                    Check(!stale || !after, "a store hits the old translation after the flush has returned");
                    machine.CpuExecEnd(cpu);
                    machine.ProcessQueuedWork(cpu);
                    Thread.Yield();
                }
            }
        ),
            ("device", () =>
            {
                flush(machine, cpu);
                Volatile.Write(ref flushed, 1);
            }
        ));
    }

    private static unsafe void FillPage(VCpu cpu) => Fill(cpu.Tlb, Address);

    private static void Queued(Machine machine, VCpu cpu) => machine.RunOnCpu(cpu, v => v.Tlb.FlushPage(Address));

    private static void Posted(Machine machine, VCpu cpu) => machine.AsyncRunOnCpu(cpu, v => v.Tlb.FlushPage(Address));
}
