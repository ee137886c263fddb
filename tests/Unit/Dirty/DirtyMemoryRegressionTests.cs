using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Tests.Unit.Dirty;

/// <summary>The defects of the source threads by their numbers in the catalogue of races, on every design they could come back in.</summary>
public class DirtyMemoryRegressionTests
{
    private readonly RecordingTlb _tlb = new();
    private readonly RecordingListener _listener = new();

    public static TheoryData<string> Designs => [.. DirtyMemoryCatalog.All.Select(e => e.Name)];

    [Fact]
    public void A_summary_bit_calls_a_group_clean_although_a_client_is_not_enabled()
    {
        using ByteFlagsDirtyMemory<BitSummary> design = new(Options(64) with { Clients = DirtyClients.Display });
        design.View().SetDirty(5);
        Assert.True(design.View().TestAndClearDirty(new PageRange(0, 64), DirtyClient.Display));

        Assert.True(design.Summary.KnownClean(0), "the bits of a client that is not enabled are always set, and say nothing");
        design.Enable(DirtyClient.Migration);
        Assert.False(design.Summary.KnownClean(0), "every page is dirty for a client that comes");
    }

    [Fact]
    public void DM03a_A_counter_is_found_by_the_absolute_page_also_when_a_clear_starts_inside_a_group()
    {
        using ByteFlagsDirtyMemory<WordCounterSummary> design = new(Options(192));
        design.View().SetDirtyRange(new PageRange(0, 192), DirtyClients.All);
        design.View().ClearDirtyRange(new PageRange(32, 64), DirtyClients.Display);

        Assert.Equal([32, 32, 64], [design.Summary.FullPages(0), design.Summary.FullPages(1), design.Summary.FullPages(2)]);
    }

    [Fact]
    public void DM03b_A_clear_of_no_flag_leaves_the_counter()
    {
        using ByteFlagsDirtyMemory<WordCounterSummary> design = new(Options(64));
        design.View().SetDirtyRange(new PageRange(0, 64), DirtyClients.All);
        design.View().ClearDirtyRange(new PageRange(0, 64), DirtyClients.None);
        design.View().ClearDirtyRange(new PageRange(3, 1), DirtyClients.Code);
        design.View().ClearDirtyRange(new PageRange(3, 1), DirtyClients.Display);  // is no longer 0xff: must not count twice

        Assert.Equal(63, design.Summary.FullPages(0));
    }

    [Fact]
    public void DM03c_Eight_flags_are_compared_at_once_and_none_of_them_is_overlooked()
    {
        using ByteFlagsDirtyMemory<WordCounterSummary> design = new(Options(64));
        ByteFlagsView<WordCounterSummary> memory = design.View();
        for (int clean = 0; clean < 64; clean++)
        {
            memory.SetDirtyRange(new PageRange(0, 64), DirtyClients.All);
            memory.ClearDirtyRange(new PageRange(clean, 1), DirtyClients.Migration);
            Assert.Equal(clean, memory.DirtyRun(new PageRange(0, 64), DirtyClients.Migration));
            Assert.Equal(63, design.Summary.FullPages(0));
        }
    }

    [Fact]
    public void DM03d_A_last_group_that_is_not_full_has_a_counter_of_its_own()
    {
        using ByteFlagsDirtyMemory<WordCounterSummary> design = new(Options(65) with { MaxPages = 65 });
        design.View().SetDirty(64);

        Assert.Equal([0, 1], [design.Summary.FullPages(0), design.Summary.FullPages(1)]);
    }

    [Fact]
    public void DM03e_Threads_that_set_and_clear_pages_of_one_group_lose_no_count()
    {
        using ByteFlagsDirtyMemory<WordCounterSummary> design = new(Options(64));
        int started = 0;
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(t => new Thread(() =>
        {
            ByteFlagsView<WordCounterSummary> memory = design.View();
            Interlocked.Increment(ref started);
            while (Volatile.Read(ref started) < 2)
                Thread.Yield();
            for (int i = 0; i < 300_000; i++)
            {
                memory.SetDirty(t * 8 + i % 8);  // words of their own: only the counter is shared
                memory.ClearDirtyRange(new PageRange(t * 8 + i % 8, 1), DirtyClients.Display);
            }
        }))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());

        ByteFlagsView<WordCounterSummary> view = design.View();
        Assert.Equal(Enumerable.Range(0, 64).Count(p => view.IsDirty(p)), design.Summary.FullPages(0));
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void DM04_Any_and_all_of_every_range_see_the_one_page_that_matters(string name)
    {
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find(name).Create(Options(192));
        IDirtyMemory memory = design.Attach();
        foreach (long odd in new long[] { 0, 1, 62, 63, 64, 65, 127, 128, 190, 191 })
        {
            memory.ClearDirtyRange(new PageRange(0, 192), DirtyClients.All);
            memory.SetDirty(odd);
            CheckRanges((r, hit) => Assert.Equal(hit, memory.AnyDirty(r, DirtyClient.Migration)), odd);
            memory.SetDirtyRange(new PageRange(0, 192), DirtyClients.All);
            memory.ClearDirtyRange(new PageRange(odd, 1), DirtyClients.Migration);
            CheckRanges((r, hit) =>
                Assert.Equal(hit ? DirtyClients.Migration : DirtyClients.None, memory.RangeIncludesClean(r, DirtyClients.All)), odd);
        }
        memory.Detach();

        static void CheckRanges(Action<PageRange, bool> check, long odd)
        {
            for (long start = 0; start <= 192; start += start % 64 is 62 or 63 or 0 or 1 ? 1 : 13)
            {
                foreach (long count in new long[] { 0, 1, 2, 3, 63, 64, 65, 128 })
                {
                    if (start + count <= 192)
                        check(new PageRange(start, count), odd >= start && odd < start + count);
                }
            }
        }
    }

    [Fact]
    public void DM05_Growth_after_the_highest_ram_block_was_removed_replaces_no_block()
    {
        using RcuDomain<SymmetricRcu> rcu = new();
        using RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SharedBlockGrowth> design = new(Options(256), rcu);
        RcuReader<SymmetricRcu> reader = rcu.Register();
        var memory = design.View(reader);
        memory.SetDirty(70);
        design.Extend(listedPages: 64, pages: 320);  // the RAM list lost its pages 64..256 and now reaches to 320

        Assert.True(memory.GetDirty(70, DirtyClient.Migration));
        rcu.Drain();
        Assert.Equal(3 * (24 + 5 * 16 + 5 * (64 + 8)), design.BitmapBytes);  // nothing leaked: per client one array and five blocks
        rcu.Unregister(reader);
    }

    [Fact]
    public void The_first_growth_starts_from_no_array_and_serves_every_client()
    {
        using RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SharedBlockGrowth> design = new(Options(0));
        IDirtyMemory memory = design.Attach();
        design.Extend(100);
        memory.SetDirty(99);

        Assert.Equal(DirtyClients.All, memory.GetDirtyFlags(99));
        memory.Detach();
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void DM11_A_snapshot_leaves_the_pages_of_its_neighbours_dirty_and_rearms_what_it_cleared(string name)
    {
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find(name).Create(Options(128));
        IDirtyMemory memory = design.Attach();
        memory.SetDirtyRange(new PageRange(0, 128), DirtyClients.All);
        DirtySnapshot snapshot = memory.SnapshotAndClearDirty(new PageRange(10, 10), DirtyClient.Display);

        Assert.True(snapshot.AnyDirty(new PageRange(19, 1)));
        for (long page = 0; page < 128; page++)
        {
            bool rearmed = _tlb.Ranges.Any(r => r.Start <= page && page < r.End);
            Assert.True(memory.GetDirty(page, DirtyClient.Display) || rearmed, $"page {page} is clean and its TLB entries are fast");
            Assert.Equal(page is < 10 or >= 20, memory.GetDirty(page, DirtyClient.Display));
        }
        memory.Detach();
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void DM12_Two_ram_blocks_in_one_word_are_each_credited_with_their_own_pages(string name)
    {
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find(name).Create(Options(128));
        IDirtyMemory memory = design.Attach();
        memory.SetDirtyRange(new PageRange(30, 20), DirtyClients.All);  // ten pages of each
        ulong[] first = new ulong[1], second = new ulong[2];

        Assert.Equal(10, memory.SyncDirtyBitmap(first, new PageRange(0, 40)));
        Assert.Equal(10, memory.SyncDirtyBitmap(second, new PageRange(40, 88)));
        Assert.Equal(0x3FFUL << 30, first[0]);
        Assert.Equal([0x3FFUL, 0], second);
        memory.Detach();
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void DM13_Listeners_are_told_bytes_not_pages(string name)
    {
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find(name).Create(Options(128));
        IDirtyMemory memory = design.Attach();
        memory.MergeDirtyLog([1], new PageRange(64, 64));
        memory.SetDirtyRange(new PageRange(3, 2), DirtyClients.All);

        Assert.Equal([new ByteRange(64 * 4096, 64 * 4096), new ByteRange(3 * 4096, 2 * 4096)], _listener.Ranges);
        memory.Detach();
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void A_dropped_client_costs_no_set_and_when_enabled_again_has_every_page_dirty(string name)
    {
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find(name).Create(Options(128));
        IDirtyMemory memory = design.Attach();
        long before = design.BitmapBytes;
        design.Drop(DirtyClient.Display);
        design.ReclaimDropped();
        bool saves = !name.StartsWith("byte", StringComparison.Ordinal);
        Assert.Equal(saves, design.BitmapBytes < before);
        memory.MergeDirtyLog([0b1000], new PageRange(0, 64));
        design.Enable(DirtyClient.Display);

        Assert.True(memory.AllDirty(new PageRange(0, 128), DirtyClient.Display));
        Assert.Equal(1, memory.SyncDirtyBitmap(new ulong[2], new PageRange(0, 128)));
        Assert.Equal(before, design.BitmapBytes);
        memory.Detach();
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void Pages_outside_the_tracked_memory_are_refused_with_the_remedy(string name)
    {
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find(name).Create(Options(100));
        IDirtyMemory memory = design.Attach();
        Action[] misuses =
        [
            () => memory.GetDirty(100, DirtyClient.Code), () => memory.SetDirty(-1), () => memory.SetDirty(100, DirtyClient.Display),
            () => memory.SetDirtyRange(new PageRange(99, 2), DirtyClients.All),
            () => memory.TestAndClearDirty(new PageRange(-1, 1), DirtyClient.Code),
            () => memory.SetDirtyWord(64, 1UL << 36, DirtyClients.All), () => memory.SetDirtyWord(1, 1, DirtyClients.All),
            () => memory.SyncDirtyBitmap(new ulong[1], new PageRange(0, 65)),
            () => memory.AnyDirty(new PageRange(0, long.MaxValue), DirtyClient.Code),
        ];
        Assert.All(misuses, misuse => Assert.Throws<DirtyMemoryException>(misuse));
        memory.SetDirty(99);  // a refused call leaves no section open and no lock held
        design.Extend(200);
        memory.Detach();
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(4095, 1, 0, 1)]
    [InlineData(4095, 2, 0, 2)]
    [InlineData(4096, 4096, 1, 1)]
    [InlineData(5000, 8192, 1, 3)]
    public void Bytes_are_rounded_outwards_to_pages(long start, long length, long page, long count) =>
        Assert.Equal(new PageRange(page, count), PageRange.Covering(new ByteRange(start, length)));

    private DirtyMemoryOptions Options(long pages) => new() { Pages = pages, MaxPages = 1024, BlockPages = 64, Tlb = _tlb, Listener = _listener };
}
