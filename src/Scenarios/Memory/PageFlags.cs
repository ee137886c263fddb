using Verify.Engine.Guest;

namespace Verify.Scenarios.Memory;

/// <summary>Three threads change different flags of one page of RAM, and look at it: each finds what it did, and no flag is lost.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: elsewhere the flags of a page are changed under the page's lock, by translators alone.</remarks>
public sealed unsafe class PageFlags() : CaseScenario(
    ScenarioCase.Sound("under-lock", "whoever changes flags holds their lock", () => Run(static ram => ram.Unwatch(0, GuestRam.IsClean))),
    ScenarioCase.Mutant("unlocked", "the flags are loaded, changed and stored back, and another thread's with them", Lost, () => Run(UnwatchUnlocked)))
{
    private const ulong Start = 0x8000_0000;
    private const string Lost = "a flag was lost";

    public override string Name => "page-flags";

    public override string Summary => "a translator, a scanner of page tables and a client of dirty memory change the flags of one page";

    public override string Source => "races.md DM01, TB13; docs/mutation.md";

    private static void Run(Action<GuestRam> unwatch)
    {
        using GuestRam ram = new(Start, GuestRam.PageSize);
        ram.Watch(0, 1, GuestRam.IsClean | GuestRam.HasDevice);
        RunActors(
            ("translator", () =>
            {
                Check(ram.MarkCode(0), "the page was marked as code before anybody did so");
                Check((ram.FlagsOf(Start) & GuestRam.HasCode) != 0, "a flag was lost: code");
            }
        ),
            ("scanner", () =>
            {
                Check(ram.Watch(0, 1, GuestRam.HasPageTable), "the page was watched before anybody did so");
                Check((ram.FlagsOf(Start) & (GuestRam.HasPageTable | GuestRam.HasDevice)) == (GuestRam.HasPageTable | GuestRam.HasDevice), "a flag was lost: page table or device");
            }
        ),
            ("client", () =>
            {
                unwatch(ram);
                Check((ram.FlagsOf(Start) & GuestRam.IsClean) == 0, "a flag that was taken away is there");
            }
        ));
        byte flags = ram.FlagsOf(Start);
        Check(flags == (GuestRam.HasCode | GuestRam.HasPageTable | GuestRam.HasDevice), $"{Lost}, or has come back: the flags are {flags}");
    }

    // GuestRam.Unwatch with its lock left out.
    private static void UnwatchUnlocked(GuestRam ram)
    {
        byte flags = Volatile.Read(ref *ram.Flags);
        Volatile.Write(ref *ram.Flags, (byte)(flags & ~GuestRam.IsClean));
    }
}
