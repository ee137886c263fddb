using Verify.Engine.Dirty;

namespace Verify.Tests.Unit.Dirty;

/// <summary>Real threads, bounded by operations: setters beside clears, growth, and clients that come and go.</summary>
public class DirtyMemoryThreadsTests
{
    private const int Setters = 2, PagesEach = 6000, Pages = Setters * PagesEach;

    public static TheoryData<string> Designs => [.. DirtyMemoryCatalog.All.Select(e => e.Name)];

    [Theory]
    [MemberData(nameof(Designs))]
    public void Every_set_is_taken_by_exactly_one_clear_while_memory_grows_and_clients_come_and_go(string name)
    {
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find(name).Create(new DirtyMemoryOptions { Pages = 64, MaxPages = Pages, BlockPages = 64 });
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
    public void A_client_enabled_while_devices_write_ends_with_an_exact_copy(string name)
    {
        const int Memory = 256, Rounds = 200, Writes = 200;
        using IDirtyMemoryDesign design = DirtyMemoryCatalog.Find(name).Create(new DirtyMemoryOptions { Pages = Memory, MaxPages = Memory, BlockPages = 64 });
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
