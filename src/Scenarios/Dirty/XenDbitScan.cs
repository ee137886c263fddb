using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A guest draws while its frame buffer is scanned by D-bits: the last picture is what was drawn last.</summary>
public sealed class XenDbitScan() : LfbScenario(
    ScenarioCase.Sound("deegan", "clear, flush, report, and only then read the pixels", () => Run<DeeganRules>()),
    ScenarioCase.Sound(
        "non-atomic-clear", "only a set D is cleared, and only under the shadow lock, so the store races with nothing but setting it again",
        () => Run<StoredClearRules>()),
    ScenarioCase.Sound(
        "read-first", "a walk and the caching of what it found are one step, which the flush comes before or after", RunReadFirst),
    ScenarioCase.Mutant("no-flush", "a TLB that has seen D set does not set it again (DM19)", Stale, () => Run<UnflushedRules>()),
    ScenarioCase.Mutant(
        "read-pixels-before-clear", "what is drawn between the read and the clear is reported and not read", Stale, () => Run<DeeganRules>(readFirst: true)))
{
    public override string Name => "xen-dbit-scan";

    public override string Summary => "a vCPU stores to the frame buffer twice while the device model scans its D-bits and copies it";

    public override string Source => "races.md DM19, scenario 61";

    private static void Run<TRules>(bool readFirst = false)
        where TRules : struct, IPteScanRules
    {
        var guest = new Guest<TRules>(vcpus: 1);
        RunActors(
            ("vcpu", () =>
            {
                guest.Tlbs[0].GuestWrite(0, 1);
                guest.Tlbs[0].GuestWrite(0, 2);
            }
        ),
            ("device model", () => guest.Show(readFirst)));
        guest.CheckShown();
    }
    // Another vCPU caches the entry by a load, which may have found D set, and then stores through it.
    private static void RunReadFirst()
    {
        var guest = new Guest<DeeganRules>(vcpus: 2);
        RunActors(
            ("vcpu0", () => guest.Tlbs[0].GuestWrite(0, 1)),
            ("vcpu1", () =>
            {
                Check(guest.Tlbs[1].GuestRead(0, out long value) && (value is 0 or 1), "vCPU 1 read what nobody wrote");
                guest.Tlbs[1].GuestWrite(0, 2);
            }
        ),
            ("device model", () => guest.Show()));
        guest.CheckShown();
    }
}
