using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>
/// Migration clears whole words of bits, many pages at once, and copies them while a device writes pages and marks them: no copy is stale and its page
/// clean.
/// </summary>
/// <remarks>
/// Found missing by <c>verify mutate</c>: elsewhere single pages are cleared. Words may be zeroed by plain stores once the answer is "dirty": then what
/// they overwrite is copied anyway, if only the stores come before the reads of memory. Only for bitmaps: byte flags clear no word without an interlocked
/// operation.
/// </remarks>
public sealed class ClearWordsVersusDma() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "unfenced-zeros", "memory is read while the zeros are in the store buffer, and a set in between is overwritten", Stale,
            () => Run(o => new ClientBitmapsDirtyMemory<UnfencedZeroBits>(o)), MemoryModelName.Tso),
    ],
    design => !design.StartsWith("byte", StringComparison.Ordinal)))
{
    private const string Stale = "the copy is stale and the page is clean";

    public override string Name => "clear-words-vs-dma";

    public override string Summary => "migration clears two words of bits and copies their pages, and again one by one, while a device writes four times and marks the page";

    public override string Source => "races.md DM07 (order of clearing and reading); docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        const long Low = 5, High = 70, Other = 0, OtherHigh = 72;
        PageRange both = new(0, 128);
        int low = 0, high = 0, copiedLow = 0, copiedHigh = 0; // low, high: the bytes of two pages; Volatile
        using IDirtyMemoryDesign design = make(OneWord with { Pages = 128, MaxPages = 128, BlockPages = 128, Clients = DirtyClients.Migration });
        Use(design, memory =>
        {
            memory.SetDirty(Other, DirtyClient.Migration);
            memory.SetDirty(OtherHigh, DirtyClient.Migration);
        });
        RunActors(
            Actor("device", design, memory =>
            {
                Write(memory, ref low, 1, Low);
                Write(memory, ref high, 1, High);
                Write(memory, ref low, 2, Low);
                Write(memory, ref high, 2, High);
            }),
            Actor("migration", design, memory =>
            {
                Pass(memory, both);
                Pass(memory, new PageRange(0, 64));
                Pass(memory, new PageRange(64, 64));
            }));
        Use(design, memory => Pass(memory, both));
        Check(copiedLow == low, $"page {Low} holds {low}: {Stale} ({copiedLow})");
        Check(copiedHigh == high, $"page {High} holds {high}: {Stale} ({copiedHigh})");

        static void Write(IDirtyMemory memory, ref int at, int value, long page)
        {
            Volatile.Write(ref at, value);
            memory.SetDirty(page, DirtyClient.Migration);
        }

        void Pass(IDirtyMemory memory, PageRange range)
        {
            if (!memory.TestAndClearDirty(range, DirtyClient.Migration))
            {
                return;
            }

            if (range.Start <= Low)
            {
                copiedLow = Volatile.Read(ref low);
            }

            if (range.End > High)
            {
                copiedHigh = Volatile.Read(ref high);
            }
        }
    }
}
