using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Tests.Unit.Dirty;

public class KvmDirtyLogTests
{
    private readonly RecordingTlb _tlb = new();

    [Fact]
    public void A_page_is_logged_once_until_it_is_protected_again()
    {
        KvmDirtyLog kvm = new(KvmLogMode.ClearOnGet, _tlb);
        KvmSlot slot = kvm.AddSlot(new PageRange(100, 130));
        kvm.GuestWrite(slot, 100);
        kvm.GuestWrite(slot, 229);
        ulong[] log = new ulong[3];
        kvm.Get(slot, log);
        Assert.Equal([1UL, 0, 2], log);
        Assert.Equal([new PageRange(100, 130)], _tlb.Ranges);
        kvm.Get(slot, log);
        Assert.Equal([0UL, 0, 0], log);
        kvm.GuestWrite(slot, 229);
        kvm.Get(slot, log);
        Assert.Equal([0UL, 0, 2], log);
    }

    [Fact]
    public void DM15_A_clear_forgets_no_page_that_was_not_fetched()
    {
        KvmDirtyLog kvm = new(KvmLogMode.ManualClear, _tlb);
        KvmSlot slot = kvm.AddSlot(new PageRange(0, 128));
        ulong[] log = new ulong[2];
        kvm.GuestWrite(slot, 3);
        kvm.Get(slot, log);
        kvm.GuestWrite(slot, 4);                        // after the get, before the clear
        kvm.ClearKnown(slot, new PageRange(0, 128));
        kvm.Get(slot, log);

        Assert.Equal([1UL << 4, 0], log);
    }

    [Fact]
    public void A_clear_of_a_part_leaves_the_rest_logged_and_unprotected()
    {
        KvmDirtyLog kvm = new(KvmLogMode.ManualClear, _tlb);
        KvmSlot slot = kvm.AddSlot(new PageRange(0, 128));
        for (int page = 60; page < 70; page++)
            kvm.GuestWrite(slot, page);
        ulong[] log = new ulong[2];
        kvm.Get(slot, log);
        kvm.ClearKnown(slot, new PageRange(62, 4));
        kvm.Get(slot, log);

        Assert.Equal([3UL << 60, 0b111100UL], log);
        Assert.Equal([new PageRange(62, 4)], _tlb.Ranges);
    }

    [Fact]
    public void A_full_ring_sends_the_vcpu_to_userspace_and_a_reap_makes_room()
    {
        KvmDirtyLog kvm = new(KvmLogMode.Ring, _tlb);
        KvmSlot slot = kvm.AddSlot(new PageRange(0, 64));
        KvmDirtyRing ring = kvm.AddRing(2);
        using ClientBitmapsDirtyMemory<AtomicBits> design = new(new DirtyMemoryOptions { Pages = 64, MaxPages = 64 });
        Assert.True(kvm.GuestWrite(slot, 1, ring));
        Assert.True(kvm.GuestWrite(slot, 1, ring));
        Assert.True(kvm.GuestWrite(slot, 2, ring));
        Assert.False(kvm.GuestWrite(slot, 3, ring));
        kvm.MergeInto(design.View());
        Assert.True(kvm.GuestWrite(slot, 3, ring));
        Assert.True(kvm.GuestWrite(slot, 1, ring));
        Assert.False(kvm.GuestWrite(slot, 2, ring));  // was protected by the reset, so it is logged again
        Assert.Equal(2, design.View().SyncDirtyBitmap(new ulong[1], new PageRange(0, 64)));
    }

    [Theory]
    [InlineData(KvmLogMode.ClearOnGet, 1)]
    [InlineData(KvmLogMode.ClearOnGet, 4)]
    [InlineData(KvmLogMode.ManualClear, 1)]
    [InlineData(KvmLogMode.Ring, 1)]
    [InlineData(KvmLogMode.Ring, 4)]
    public void A_merge_reaches_every_enabled_client_and_code_only_if_asked(KvmLogMode mode, int pagesPerBit)
    {
        KvmDirtyLog kvm = new(mode, _tlb, pagesPerBit);
        KvmSlot low = kvm.AddSlot(new PageRange(0, 64)), high = kvm.AddSlot(new PageRange(70, 58));
        KvmDirtyRing? ring = mode == KvmLogMode.Ring ? kvm.AddRing(16) : null;
        using RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SharedBlockGrowth> design =
            new(new DirtyMemoryOptions { Pages = 128, BlockPages = 64 });
        design.Drop(DirtyClient.Display);
        kvm.GuestWrite(low, 8, ring);
        kvm.GuestWrite(high, 127, ring);
        IDirtyMemory memory = design.Attach();
        kvm.MergeInto(memory, DirtyClients.NoCode);

        for (long page = 0; page < 128; page++)
        {
            long first = page < 70 ? 8 : 70 + (127 - 70) / pagesPerBit * pagesPerBit;
            bool written = page >= first && page < first + pagesPerBit && page != 64;
            Assert.Equal(written, memory.GetDirty(page, DirtyClient.Migration));
            Assert.False(memory.GetDirty(page, DirtyClient.Code));
        }
        memory.Detach();
    }

    [Theory]
    [InlineData(KvmLogMode.ClearOnGet)]
    [InlineData(KvmLogMode.ManualClear)]
    [InlineData(KvmLogMode.Ring)]
    public void Every_write_of_real_threads_is_merged_into_a_client_that_is_dropped_and_enabled_meanwhile(KvmLogMode mode)
    {
        const int Pages = 256, Rounds = 60;
        for (int round = 0; round < Rounds; round++)
        {
            KvmDirtyLog kvm = new(mode, new NoTlb());
            KvmSlot slot = kvm.AddSlot(new PageRange(0, Pages));
            using ClientBitmapsDirtyMemory<AtomicBits> design = new(new DirtyMemoryOptions { Pages = Pages, MaxPages = Pages });
            var memory = design.View();
            int running = 2;
            Thread[] vcpus = [.. Enumerable.Range(0, 2).Select(v => new Thread(() =>
            {
                KvmDirtyRing? ring = mode == KvmLogMode.Ring ? kvm.AddRing(16) : null;
                for (int page = v; page < Pages; page += 2)
                {
                    while (!kvm.GuestWrite(slot, page, ring))
                        Thread.Yield();
                }
                Interlocked.Decrement(ref running);
            }))];
            Array.ForEach(vcpus, t => t.Start());
            ulong[] taken = new ulong[Pages / 64];
            while (Volatile.Read(ref running) != 0)
            {
                kvm.MergeInto(memory);
                if (mode == KvmLogMode.ManualClear)
                    kvm.ClearKnown(slot, slot.Range);
                design.Drop(DirtyClient.Display);
                design.Enable(DirtyClient.Display);
                memory.SyncDirtyBitmap(taken, slot.Range);
            }
            Array.ForEach(vcpus, t => t.Join());
            kvm.MergeInto(memory);
            memory.SyncDirtyBitmap(taken, slot.Range);
            Assert.All(taken, w => Assert.Equal(~0UL, w));
            Assert.True(memory.AllDirty(slot.Range, DirtyClient.Display));
        }
    }
}
