using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A guest draws through a second writable mapping of the frame buffer: it is reported, or the scan says that it cannot tell.</summary>
public sealed class XenAlias() : LfbScenario(
    ScenarioCase.Sound("deegan", "a frame with another writable mapping sends the device model down the slow path", Run<DeeganRules>),
    ScenarioCase.Mutant("ignore-writecount", "the alias's D-bit is not looked at", Stale, Run<AliasBlindRules>))
{
    public override string Name => "xen-alias";

    public override string Summary => "a guest maps the frame buffer a second time and draws through that mapping while the device model scans";

    public override string Source => "races.md 2.5, scenario 62";

    private static void Run<TRules>()
        where TRules : struct, IPteScanRules
    {
        var guest = new Guest<TRules>(vcpus: 1);
        RunActors(
            ("vcpu", () =>
            {
                guest.Scan.SetL1e(1, Pte.Map(0, writable: true));
                guest.Tlbs[0].GuestWrite(1, 1);
                guest.Tlbs[0].GuestWrite(1, 2);
            }
        ),
            ("device model", () => guest.Show()));
        guest.CheckShown();
    }
}
