using Verify.Engine.Guest;
using Verify.Engine.Memory;

namespace Verify.Tests.Unit.Guest;

/// <summary>The TLB alone: hits, victims, flushes, and the handshake between filling an entry and watching a page.</summary>
public sealed unsafe class SoftTlbTests : IDisposable
{
    private const ulong Page = 0x1234_5000;
    private const ulong AliasStep = (ulong)SoftTlb.Size << GuestRam.PageBits; // same slot

    private readonly SoftTlb _tlb = new();
    private readonly GuestRam _ram = new(0x8000_0000, 16 * GuestRam.PageSize);

    public void Dispose() => _ram.Dispose();

    [Fact]
    public void A_new_TLB_hits_nothing()
    {
        foreach (ulong address in new[] { 0UL, Page, ulong.MaxValue & TlbEntry.PageMask })
        {
            Assert.All([0, 1, 2], kind => Assert.False(Hits(0, address, kind)));
        }
    }

    [Fact]
    public void A_filled_page_hits_in_its_table_only_and_reaches_its_host_bytes()
    {
        Fill(1, Page, 3);
        Assert.True(Hits(1, Page, 0) && Hits(1, Page, 1) && Hits(1, Page, 2));
        Assert.False(Hits(0, Page, 0) || Hits(1, Page + AliasStep, 0));
        Assert.Equal((nint)Host(3) + 0x10, (nint)(Page + 0x10 + SoftTlb.Entry(_tlb.Table(1), Page)->Addend));
    }

    [Fact]
    public void A_replaced_page_comes_back_from_the_victims_until_eight_more_were_replaced()
    {
        Fill(0, Page, 0);
        Fill(0, Page + AliasStep, 1);
        Assert.False(Hits(0, Page, 0));
        Assert.True(_tlb.Recall(_tlb.Table(0), Page, 0));
        Assert.True(Hits(0, Page, 0));
        Assert.True(_tlb.Recall(_tlb.Table(0), Page + AliasStep, 1)); // they have changed places
        for (ulong i = 2; i < 2 + SoftTlb.Victims; i++)
        {
            Fill(0, Page + (i * AliasStep), (int)i);
        }

        Assert.False(_tlb.Recall(_tlb.Table(0), Page, 0));
        Assert.True(_tlb.Recall(_tlb.Table(0), Page + AliasStep, 0));
    }

    [Fact]
    public void A_flushed_page_is_gone_from_entries_and_victims_of_all_tables_and_others_stay()
    {
        for (int mode = 0; mode < SoftTlb.Modes; mode++)
        {
            Fill(mode, Page, 0);
            Fill(mode, Page + AliasStep, 1);
            Fill(mode, Page + GuestRam.PageSize, 2);
        }

        _tlb.FlushPage(Page + 5);
        for (int mode = 0; mode < SoftTlb.Modes; mode++)
        {
            Assert.False(_tlb.Recall(_tlb.Table(mode), Page, 0));
            Assert.True(Hits(mode, Page + AliasStep, 0) && Hits(mode, Page + GuestRam.PageSize, 0));
        }

        _tlb.Flush();
        Assert.False(Hits(0, Page + GuestRam.PageSize, 0) || _tlb.Recall(_tlb.Table(0), Page + AliasStep, 0));
    }

    [Fact]
    public void Flushing_one_page_of_a_large_one_flushes_all_that_was_cut_from_it()
    {
        Fill(0, Page, 0, isLargePage: true);
        _tlb.FlushPage(Page + (8 * GuestRam.PageSize));
        Assert.False(Hits(0, Page, 0));
        Fill(0, Page, 0);
        _tlb.FlushPage(Page + GuestRam.PageSize); // no large page is left
        Assert.True(Hits(0, Page, 0));
    }

    [Fact]
    public void An_entry_filled_for_a_watched_page_takes_the_slow_path_for_stores_only()
    {
        _ram.Watch(3, 1, GuestRam.HasCode);
        Fill(0, Page, 3);
        Assert.True(Hits(0, Page, 0));
        Assert.False(Hits(0, Page, 1));
        Assert.NotEqual(0UL, SoftTlb.Entry(_tlb.Table(0), Page)->Write & TlbEntry.NotDirty);
    }

    [Fact]
    public void Watching_pages_reaches_every_entry_for_them_wherever_it_is_and_no_other()
    {
        _ram.Attach(_tlb);
        Fill(0, Page, 3);
        Fill(2, Page + GuestRam.PageSize, 3); // another virtual page of the same physical one
        Fill(0, Page + AliasStep, 4);         // pushes the first into the victims
        Assert.True(_ram.Watch(3, 1, GuestRam.IsClean));
        Assert.False(_ram.Watch(3, 1, GuestRam.IsClean)); // nothing new
        Assert.False(Hits(2, Page + GuestRam.PageSize, 1));
        Assert.True(Hits(0, Page + AliasStep, 1));
        Assert.True(_tlb.Recall(_tlb.Table(0), Page, 1));
        Assert.False(Hits(0, Page, 1));
    }

    [Fact]
    public void The_slow_path_stays_while_any_flag_is_set_and_ends_with_the_last()
    {
        _ram.Attach(_tlb);
        Fill(0, Page, 3);
        _ram.Watch(3, 1, GuestRam.HasCode);
        _ram.Watch(3, 1, GuestRam.IsClean);
        TlbEntry* entry = SoftTlb.Entry(_tlb.Table(0), Page);
        _ram.Unwatch(3, GuestRam.HasCode);
        _tlb.DropNotDirty(entry, new PageWatch(_ram.Flags + 3));
        Assert.False(Hits(0, Page, 1));
        _ram.Unwatch(3, GuestRam.IsClean);
        Assert.False(Hits(0, Page, 1)); // lazily: when its owner next stores
        _tlb.DropNotDirty(entry, new PageWatch(_ram.Flags + 3));
        Assert.True(Hits(0, Page, 1));
    }

    [Fact]
    public void A_detached_TLB_is_left_alone()
    {
        _ram.Attach(_tlb);
        Fill(0, Page, 3);
        _ram.Detach(_tlb);
        _ram.Watch(3, 1, GuestRam.HasCode);
        Assert.True(Hits(0, Page, 1));
    }

    private void Fill(int mode, ulong address, int page, bool isLargePage = false)
    {
        ulong tag = address & TlbEntry.PageMask;
        TlbEntry entry = new() { Read = tag, Write = tag, Code = tag, Addend = (ulong)Host(page) - tag };
        _tlb.Fill(_tlb.Table(mode), address, entry, new PageWatch(_ram.Flags + page), isLargePage);
    }

    private byte* Host(int page) => _ram.Bytes + (page << GuestRam.PageBits);

    private bool Hits(int mode, ulong address, int kind) => ((ulong*)SoftTlb.Entry(_tlb.Table(mode), address))[kind] == (address & TlbEntry.PageMask);
}
