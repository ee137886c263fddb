using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>
/// A device marks a range and asks whether the last pass has begun; if not, the last pass finds the whole range. A set of a range is as strong as that of
/// a page, although it stores whole words plainly.
/// </summary>
/// <remarks>
/// Found missing by <c>verify mutate</c>: nobody looked at anything right after setting a range. Only for bitmaps: byte flags set no word without an
/// interlocked operation, and search by vectors, which the memory models do not see.
/// </remarks>
public sealed class SetRangeVersusLastPass() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "unfenced-range", "the device asks while its bits are still in its store buffer", Missed,
            () => Run(o => new ClientBitmapsDirtyMemory<UnfencedRangeBits>(o)), MemoryModelName.Tso),
    ],
    design => !design.StartsWith("byte", StringComparison.Ordinal)))
{
    private const string Missed = "was marked before the last pass began, which did not find it";

    public override string Name => "set-range-vs-last-pass";

    public override string Summary => "a device marks a range and asks whether migration's last pass has begun, while migration begins it and searches and syncs";

    public override string Source => "races.md section 5 (a set that has returned is seen by every later query); docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        const long Pages = 128;
        bool begun = false, late = false; // begun: Volatile; late: the device, and the test once that has ended
        ulong[] found = new ulong[2];
        PageRange last = new(64, 64), all = new(0, Pages);
        using IDirtyMemoryDesign design = make(OneWord with { Pages = Pages, MaxPages = Pages, BlockPages = Pages, Clients = DirtyClients.Migration });
        RunActors(
            Actor("device", design, memory =>
            {
                memory.SetDirtyRange(last, DirtyClients.Migration);
                late = Volatile.Read(ref begun);
            }),
            Actor("migration", design, memory =>
            {
                Volatile.Write(ref begun, true);
                Interlocked.MemoryBarrier(); // as whoever stops a guest does: pairs with the fence at the end of SetDirtyRange
                long clean = memory.CleanRun(all, DirtyClients.Migration);
                Check(clean == last.Start || clean == Pages, $"the first dirty page is {clean}, which nobody marked");
                memory.SyncDirtyBitmap(found, all);
            }));
        Check(late || found[1] == ~0UL, $"pages {last.Start} to {last.End - 1}: one {Missed} (0x{found[1]:x})");
        Check(found[0] == 0, $"pages were found that nobody marked: 0x{found[0]:x}");
    }
}
