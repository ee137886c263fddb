using Verify.Engine.Guest;
using Verify.Engine.Memory;

namespace Verify.Scenarios.Memory;

/// <summary>Somebody begins to watch a page of RAM while a vCPU brings its translation in, another is plugged in and a third unplugged.</summary>
/// <remarks>Invariant: afterwards no TLB that is attached lets stores into the page go unnoticed.</remarks>
public sealed unsafe class TlbComesAndGoes() : CaseScenario(
    ScenarioCase.Sound("flags-asked", "the list of TLBs is under the lock of the flags, and an entry asks them under the lock of its TLB", () => Run(asksFlags: true)),
    ScenarioCase.Mutant(
        "flags-not-asked", "the entry is filled after the watcher has passed its TLB, and does not ask", Unnoticed, () => Run(asksFlags: false)))
{
    private const ulong Start = 0x8000_0000;
    private const string Unnoticed = "go unnoticed";

    public override string Name => "tlb-comes-and-goes";

    public override string Summary => "a page is watched while TLBs are filled, attached and detached";

    public override string Source => "races.md TB15, TB19, DM09; docs/mutation.md";

    private static void Run(bool asksFlags)
    {
        using GuestRam ram = new(Start, GuestRam.PageSize);
        SoftTlb[] tlbs = [new(), new(), new()];
        ram.Attach(tlbs[0]);
        ram.Attach(tlbs[1]);
        Fill(tlbs[0], ram, asksFlags: true);
        RunActors(
            ("translator", () => ram.MarkCode(0)),
            ("vcpu", () => Fill(tlbs[1], ram, asksFlags)),
            ("hotplug", () =>
            {
                ram.Attach(tlbs[2]);
                ram.Detach(tlbs[0]);
                Fill(tlbs[2], ram, asksFlags);
            }
        ));
        for (int i = 1; i < tlbs.Length; i++)
        {
            Check((SoftTlb.Entry(tlbs[i].Table(0), Start)->Write & TlbEntry.NotDirty) != 0, $"stores through TLB {i} into a page with code {Unnoticed}");
        }
    }

    private static void Fill(SoftTlb tlb, GuestRam ram, bool asksFlags)
    {
        TlbEntry filled = new() { Read = Start, Write = Start, Code = Start, Addend = (ulong)ram.Bytes - Start };
        tlb.Fill(tlb.Table(0), Start, filled, new PageWatch(asksFlags ? ram.Flags : null), isLargePage: false);
    }
}
