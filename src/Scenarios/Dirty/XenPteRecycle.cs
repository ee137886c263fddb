using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>The mapping of the frame buffer is cleared and made again between scans, and its D-bit with it: the page is reported all the same.</summary>
public sealed class XenPteRecycle() : LfbScenario(
    ScenarioCase.Sound("deegan", "making or clearing a mapping marks its page", Run<DeeganRules>),
    ScenarioCase.Mutant("no-set-on-pte-change", "the D-bit goes with the entry", Stale, Run<ForgetfulRules>))
{
    public override string Name => "xen-pte-recycle";

    public override string Summary => "a vCPU draws while the hypervisor clears and makes the frame buffer's mapping and the device model scans";

    public override string Source => "races.md 2.5, scenario 63";

    private static void Run<TRules>()
        where TRules : struct, IPteScanRules
    {
        var guest = new Guest<TRules>(vcpus: 2);
        RunActors(
            ("vcpu", () => guest.Tlbs[0].GuestWrite(0, 1)), // a fault, and no store, while there is no mapping
            ("hypervisor", () =>
            {
                guest.Scan.ClearL1e(0);

                // The other vCPU is quiet, so this thread may store through it: setting D must not have brought the mapping back.
                Check(!guest.Tlbs[1].GuestWrite(0, 2), "a store goes through a mapping that was cleared");
                guest.Scan.SetL1e(0, Pte.Map(0, writable: true));
            }
        ),
            ("device model", () => guest.Show()));
        guest.CheckShown();
    }
}
