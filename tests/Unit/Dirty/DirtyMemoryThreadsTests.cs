using Verify.Engine.Dirty;

namespace Verify.Tests.Unit.Dirty;

/// <summary>Real threads, bounded by operations: setters beside clears, growth, and clients that come and go.</summary>
public class DirtyMemoryThreadsTests
{
    private const int Setters = 2, PagesEach = 6000, Pages = Setters * PagesEach;

    public static TheoryData<string> Designs => [.. DirtyMemoryCatalog.All.Select(e => e.Name)];

    /// <summary>And with every block that is not clean taken whole, in designs that can.</summary>
    public static TheoryData<string, int> DesignsAndDenseWords =>
    [
        .. DirtyMemoryCatalog.All.Select(e => (e.Name, DirtyMemoryOptions.NeverDense)),
        .. DirtyMemoryCatalog.All.Where(e => e.Name.StartsWith("rcu", StringComparison.Ordinal)).Select(e => (e.Name, 0)),
    ];

    [Theory]
    [MemberData(nameof(DesignsAndDenseWords))]
    public void Every_set_is_taken_by_exactly_one_clear_while_memory_grows_and_clients_come_and_go(string name, int denseWords)
    {
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find(name).Create(
            new DirtyMemoryOptions { Pages = 64, MaxPages = Pages, BlockPages = 64, DenseWords = denseWords });
        int running = Setters;
        Thread[] setters = [.. Enumerable.Range(0, Setters).Select(t => new Thread(() =>
        {
            IDirtyMemory memory = design.Attach();
            for (int i = 0; i < PagesEach; i++)
            {
                long page = (long)i * Setters + t;  // neighbours in a word belong to different threads
                while (page >= memory.PageCount)
                    Thread.Yield();
                if (i % 3 == 0)
                    memory.SetDirty(page);
                else if (i % 3 == 1)
                    memory.SetDirtyRange(new PageRange(page, 1), DirtyClients.NoCode);
                else
                    memory.SetDirty(page, DirtyClient.Migration);
            }
            memory.Detach();
            Interlocked.Decrement(ref running);
        }))];
        Thread display = new(() =>
        {
            IDirtyMemory memory = design.Attach();
            while (Volatile.Read(ref running) != 0)
            {
                design.Drop(DirtyClient.Display);
                design.Enable(DirtyClient.Display);
                memory.TestAndClearDirty(new PageRange(0, memory.PageCount), DirtyClient.Display);
            }
            memory.Detach();
        });
        Array.ForEach(setters, t => t.Start());
        display.Start();

        IDirtyMemory migration = design.Attach();
        ulong[] taken = new ulong[Pages / 64 + 1];
        long total = 0;
        for (long pages = 64; Volatile.Read(ref running) != 0;)
        {
            pages = Math.Min(Pages, pages + 50);
            design.Extend(pages);
            total += migration.SyncDirtyBitmap(taken, new PageRange(0, migration.PageCount));
            if (pages == Pages)
                Thread.Yield();
        }
        Array.ForEach(setters, t => t.Join());
        display.Join();
        total += migration.SyncDirtyBitmap(taken, new PageRange(0, Pages));
        migration.Detach();

        Assert.Equal(Pages, total);
        Assert.Equal(Pages, taken.Sum(w => System.Numerics.BitOperations.PopCount(w)));
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void DM01_DM02_Two_setters_of_pages_in_one_word_lose_none(string name)
    {
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find(name).Create(new DirtyMemoryOptions { Pages = 64, MaxPages = 64, BlockPages = 64 });
        long lost = 0;
        InStep(
            design,
            (thread, memory) =>
            {
                for (int page = thread; page < 64; page += 2)
                    memory.SetDirty(page);
            },
            memory => lost += 64 - memory.SyncDirtyBitmap(new ulong[1], new PageRange(0, 64)));
        Assert.Equal(0, lost);
    }

    [Theory]
    [MemberData(nameof(Designs))]
    public void A_page_set_while_its_neighbour_is_cleared_is_found_by_a_search_of_the_range(string name)
    {
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find(name).Create(new DirtyMemoryOptions { Pages = 64, MaxPages = 64, BlockPages = 64 });
        int hidden = 0;
        design.Attach().SetDirty(0);
        InStep(
            design,
            (thread, memory) =>
            {
                if (thread == 0)
                    memory.TestAndClearDirty(new PageRange(0, 1), DirtyClient.Migration);
                else
                    memory.SetDirty(63, DirtyClient.Migration);
            },
            memory =>
            {
                hidden += memory.CleanRun(new PageRange(0, 64), DirtyClients.Migration) == 63 ? 0 : 1;
                memory.ClearDirtyRange(new PageRange(0, 64), DirtyClients.All);
                memory.SetDirty(0, DirtyClient.Migration);
            });
        Assert.Equal(0, hidden);
    }

    // Two threads act at the same time, without a lock that would order them; then one of them judges.
    private static void InStep(IDirtyMemoryDesign design, Action<int, IDirtyMemory> act, Action<IDirtyMemory> judge)
    {
        const int Rounds = 500;
        int arrived = 0;
        Thread other = new(() => Run(1));
        other.Start();
        Run(0);
        other.Join();

        void Run(int thread)
        {
            IDirtyMemory memory = design.Attach();
            for (int round = 0; round < Rounds; round++)
            {
                Meet(2 * round + 1);
                act(thread, memory);
                Meet(2 * round + 2);
                if (thread == 0)
                    judge(memory);
            }
            memory.Detach();
        }

        void Meet(int meeting)
        {
            Interlocked.Increment(ref arrived);
            for (int spins = 0; Volatile.Read(ref arrived) < 2 * meeting; spins++)
            {
                if (spins > 200)
                    Thread.Yield();
            }
        }
    }

    [Theory]
    [MemberData(nameof(DesignsAndDenseWords))]
    public void A_client_enabled_while_devices_write_ends_with_an_exact_copy(string name, int denseWords)
    {
        const int Memory = 256, Rounds = 100, Writes = 200;
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find(name).Create(
            new DirtyMemoryOptions { Pages = Memory, MaxPages = Memory, BlockPages = 64, DenseWords = denseWords });
        int[] memory = new int[Memory], copy = new int[Memory];
        IDirtyMemory reader = design.Attach();
        for (int round = 0; round < Rounds; round++)
        {
            design.Drop(DirtyClient.Migration);
            Array.Fill(copy, -1);
            int seed = round;
            Thread device = new(() =>
            {
                IDirtyMemory dirty = design.Attach();
                for (int i = 0; i < Writes; i++)
                {
                    int page = (i * 37 + seed) % Memory;
                    Volatile.Write(ref memory[page], seed * Writes + i);  // write first, then set: the device's order
                    if (i % 2 == 0)
                        dirty.SetDirty(page);
                    else
                        dirty.SetDirtyFlags(page, DirtyClients.Migration);
                }
                dirty.Detach();
            });
            device.Start();
            for (int i = 0; i < round % 7; i++)
                Thread.Yield();
            design.Enable(DirtyClient.Migration);
            Copy(0, Memory / 2 + 3);  // unaligned halves share a word
            Copy(Memory / 2 + 3, Memory);
            device.Join();
            Copy(0, Memory);
            Assert.Equal(memory, copy);
        }
        reader.Detach();

        void Copy(int start, int end)
        {
            ulong[] taken = new ulong[Memory / 64 + 1];
            reader.SyncDirtyBitmap(taken, new PageRange(start, end - start));
            for (int page = start; page < end; page++)
            {
                if ((taken[(page - start) / 64] >> (page - start) % 64 & 1) != 0)
                    copy[page] = Volatile.Read(ref memory[page]);
            }
        }
    }
}
