using Verify.Engine.Guest;
using Verify.Engine.Memory;

namespace Verify.Scenarios.Memory;

/// <summary>Two harts walk to a page, one to store and one to load, while the guest's software maps another page there.</summary>
/// <remarks>
/// Invariant: a walk's A and D never undo what the guest has written, and a hart that was sent to the new page has left A, and D, in its entry.
/// Found missing by <c>verify mutate</c>: the guests of other scenarios have no page tables.
/// </remarks>
public sealed unsafe class WalkVersusRemap() : CaseScenario(
    ScenarioCase.Sound("compare-exchange", "A and D are set in the entry that was judged, or the walk starts again (DM19)", () => Run(Walk)),
    ScenarioCase.Mutant(
        "stored", "A and D are stored over what the guest has written meanwhile (DM19)", Undone + "|" + Unmarked, () => Run(WalkAndStore)))
{
    private const ulong Start = 0x8000_0000;
    private const string Undone = "the guest's new mapping was undone", Unmarked = "was sent to the new page, whose entry does not say so";
    private const ulong Leaf = PageWalker.Valid | PageWalker.Readable | PageWalker.Writable;
    private const int Root = 0, Middle = 1, Last = 2, Old = 3, New = 4; // numbers of pages

    public override string Name => "walk-vs-remap";

    public override string Summary => "two harts walk the page tables, to store and to load, while the guest changes the entry they come to";

    public override string Source => "races.md DM19, The RISC-V Instruction Set Manual, Volume II, Svadu; docs/mutation.md";

    private static void Run(Func<GuestRam, AccessKind, ulong?> walk)
    {
        using GuestRam ram = new(Start, 5 * GuestRam.PageSize);
        *Entry(ram, Root) = Pointer(Middle) | PageWalker.Valid;
        *Entry(ram, Middle) = Pointer(Last) | PageWalker.Valid;
        *Entry(ram, Last) = Pointer(Old) | Leaf;
        ulong? stored = null, loaded = null;
        RunActors(
            ("storing hart", () => stored = walk(ram, AccessKind.Store)),
            ("loading hart", () => loaded = walk(ram, AccessKind.Load)),
            ("guest", () => Volatile.Write(ref *Entry(ram, Last), Pointer(New) | Leaf)));
        ulong entry = *Entry(ram, Last);
        Check((entry & ~(PageWalker.Accessed | PageWalker.Dirty)) == (Pointer(New) | Leaf), $"{Undone}: its entry is 0x{entry:x}");
        ulong wanted = (stored == PageAt(New) ? PageWalker.Accessed | PageWalker.Dirty : 0) | (loaded == PageAt(New) ? PageWalker.Accessed : 0);
        Check((entry & wanted) == wanted, $"a hart {Unmarked}: it is 0x{entry:x}");
    }

    private static ulong? Walk(GuestRam ram, AccessKind kind) =>
        PageWalker.Find(ram, HartWithTables(), 0, kind, Privilege.Supervisor, out Walk walk) == WalkResult.Found ? walk.Physical : null;

    // PageWalker.Find with a load and a store where it has a compare-exchange.
    private static ulong? WalkAndStore(GuestRam ram, AccessKind kind)
    {
        ulong entry = Volatile.Read(ref *Entry(ram, Last));
        Volatile.Write(ref *Entry(ram, Last), entry | PageWalker.Accessed | (kind == AccessKind.Store ? PageWalker.Dirty : 0));
        return entry >> 10 << 12;
    }

    private static Hart HartWithTables()
    {
        var hart = new Hart(0, new VirtualClock(null));
        hart.Write(CsrNumber.Satp, (8UL << 60) | (PageAt(Root) >> 12), 0);
        hart.Write(CsrNumber.Pmpaddr0, ulong.MaxValue, 0); // all of memory may be read and written
        hart.Write(CsrNumber.Pmpcfg0, 0x1f, 0);
        return hart;
    }

    private static ulong* Entry(GuestRam ram, int page) => (ulong*)ram.HostOf(PageAt(page));

    private static ulong PageAt(int page) => Start + ((ulong)page << GuestRam.PageBits);

    private static ulong Pointer(int page) => PageAt(page) >> 12 << 10;
}
