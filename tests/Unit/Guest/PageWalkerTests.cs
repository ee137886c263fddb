using Verify.Engine.Guest;
using Verify.Engine.Memory;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Guest;

/// <summary>Sv39 translation against the steps of the manual's "Virtual Address Translation Process".</summary>
public sealed class PageWalkerTests : IDisposable
{
    private const ulong Root = Guests.Start, Data = Guests.Start + 0x20_0000, Va = 0x40_0000_0000 - 0x1000; // the highest page of the lower half
    private const ulong AccessedDirty = PageWalker.Accessed | PageWalker.Dirty;

    private readonly GuestRam _ram = new(Guests.Start, 4 << 20);
    private readonly Hart _hart = new(0, new VirtualClock(null));
    private readonly PageTables _tables;

    public PageWalkerTests()
    {
        _tables = new PageTables(_ram, Root);
        _hart.Write(CsrNumber.Satp, _tables.Satp, 0);
        _hart.Write(CsrNumber.Pmpaddr0, ulong.MaxValue, 0);
        _hart.Write(CsrNumber.Pmpcfg0, 0x1f, 0);
    }

    public void Dispose() => _ram.Dispose();

    [Fact]
    public void A_page_of_each_size_is_found_with_the_offset_kept()
    {
        _tables.Map(Va, Data + 0x1000, PageTables.All);
        _tables.Map(0x4000_0000, Data, PageTables.All, level: 1);
        _tables.Map(0x8000_0000, Guests.Start & ~0x3fff_ffffUL, PageTables.All, level: 2);
        Assert.Equal((WalkResult.Found, Data + 0x1abc, 0), Find(Va + 0xabc));
        Assert.Equal((WalkResult.Found, Data + 0x1_2345, 1), Find(0x4001_2345));
        Assert.Equal((WalkResult.Found, Guests.Start + 0x23_4567, 2), Find(0x8023_4567));
    }

    [Fact]
    public void Addresses_are_canonical_or_fault()
    {
        _tables.Map(0xffff_ffff_ffff_f000, Data, PageTables.All);
        Assert.Equal(WalkResult.Found, Find(0xffff_ffff_ffff_f000).Result);
        Assert.Equal(WalkResult.PageFault, Find(0x0000_007f_ffff_f000).Result);
        Assert.Equal(WalkResult.PageFault, Find(0x8000_0000_0000_0000).Result);
    }

    [Theory]
    [InlineData(0UL)]                                            // not valid
    [InlineData(PageWalker.Valid)]                               // a pointer at the last level
    [InlineData(PageWalker.Valid | PageWalker.Writable)]         // writable but not readable
    [InlineData(PageTables.All | (1UL << 54))]                   // reserved
    [InlineData(PageTables.All | (1UL << 61))]                   // PBMT
    [InlineData(PageTables.All | (1UL << 63))]                   // N
    public void A_malformed_leaf_is_a_page_fault(ulong flags)
    {
        _tables.Map(Va, Data, flags);
        Assert.Equal(WalkResult.PageFault, Find(Va).Result);
    }

    [Theory]
    [InlineData(PageWalker.Accessed)]
    [InlineData(PageWalker.Dirty)]
    [InlineData(PageWalker.User)]
    public void A_pointer_with_a_leafs_bit_is_a_page_fault(ulong flag)
    {
        _tables.Map(Va, Data, PageTables.All);
        ulong top = Root + (8 * (Va >> 30));
        _tables.Write(top, _tables.Read(top) | flag);
        Assert.Equal(WalkResult.PageFault, Find(Va).Result);
    }

    [Fact]
    public void A_large_page_must_be_aligned_to_its_size()
    {
        _tables.Map(0x4000_0000, Data + 0x1000, PageTables.All, level: 1);
        Assert.Equal(WalkResult.PageFault, Find(0x4000_0000).Result);
    }

    [Fact]
    public void A_table_outside_RAM_or_protected_is_an_access_fault()
    {
        _tables.Map(Va, Data, PageTables.All);
        _hart.Write(CsrNumber.Pmpcfg0, 0, 0);
        Assert.Equal(WalkResult.AccessFault, Find(Va).Result);
        _hart.Write(CsrNumber.Pmpcfg0, 0x1f, 0);
        _tables.Write(Root + (8 * (Va >> 30)), PageWalker.Valid); // page 0
        Assert.Equal(WalkResult.AccessFault, Find(Va).Result);
    }

    [Theory]
    [InlineData(Privilege.User, false, AccessKind.Load, false)]
    [InlineData(Privilege.User, true, AccessKind.Load, true)]
    [InlineData(Privilege.Supervisor, false, AccessKind.Load, true)]
    [InlineData(Privilege.Supervisor, true, AccessKind.Load, false)]
    public void User_pages_are_for_users_and_the_others_for_the_supervisor(Privilege privilege, bool isUserPage, AccessKind kind, bool allowed)
    {
        _tables.Map(Va, Data, PageTables.All | (isUserPage ? PageWalker.User : 0));
        Assert.Equal(allowed ? WalkResult.Found : WalkResult.PageFault, Find(Va, kind, privilege).Result);
    }

    [Fact]
    public void Sum_lets_the_supervisor_use_user_pages_but_not_execute_them()
    {
        _tables.Map(Va, Data, PageTables.All | PageWalker.User);
        _hart.Write(CsrNumber.Mstatus, StatusBit.Sum, 0);
        Assert.Equal(WalkResult.Found, Find(Va, AccessKind.Store).Result);
        Assert.Equal(WalkResult.PageFault, Find(Va, AccessKind.Fetch).Result);
    }

    [Fact]
    public void Mxr_makes_executable_pages_readable()
    {
        _tables.Map(Va, Data, PageWalker.Valid | PageWalker.Executable);
        Assert.Equal(WalkResult.Found, Find(Va, AccessKind.Fetch).Result);
        Assert.Equal(WalkResult.PageFault, Find(Va).Result);
        _hart.Write(CsrNumber.Mstatus, StatusBit.Mxr, 0);
        Assert.Equal(WalkResult.Found, Find(Va).Result);
        Assert.Equal(WalkResult.PageFault, Find(Va, AccessKind.Store).Result);
    }

    [Fact]
    public void A_load_sets_A_a_store_sets_A_and_D_a_refused_access_sets_neither()
    {
        ulong leaf = _tables.Map(Va, Data, PageWalker.Valid | PageWalker.Readable);
        Find(Va, AccessKind.Store);
        Assert.Equal(0UL, _tables.Read(leaf) & AccessedDirty);
        Assert.Equal(WalkResult.Found, PageWalker.Find(_ram, _hart, Va, AccessKind.Load, Privilege.Supervisor, out Walk walk));
        Assert.Equal((PageWalker.Accessed, (ulong?)leaf), (_tables.Read(leaf) & AccessedDirty, walk.Updated));
        Assert.Equal(WalkResult.Found, PageWalker.Find(_ram, _hart, Va, AccessKind.Load, Privilege.Supervisor, out walk));
        Assert.Null(walk.Updated);
        leaf = _tables.Map(Va, Data, PageTables.All);
        Find(Va, AccessKind.Store);
        Assert.Equal(AccessedDirty, _tables.Read(leaf) & AccessedDirty);
    }

    [Fact]
    public void A_page_table_that_may_not_be_written_makes_setting_A_an_access_fault()
    {
        _tables.Map(Va, Data, PageTables.All | PageWalker.Accessed);
        _hart.Write(CsrNumber.Pmpcfg0, 0x1d, 0); // read and execute
        Assert.Equal(WalkResult.Found, Find(Va).Result);
        Assert.Equal(WalkResult.AccessFault, Find(Va, AccessKind.Store).Result);
    }

    /// <summary>Two walkers set A and D while a third thread changes other bits of the PTE atomically, as a guest kernel does: no update is lost (DM19).</summary>
    [Fact]
    public void Setting_A_and_D_undoes_nobodys_change_of_the_entry()
    {
        ulong leaf = _tables.Map(Va, Data, PageTables.All);
        const int Rounds = 20_000;
        ulong changes = 0;
        bool ended = false;
        Thread[] walkers = [.. new[] { AccessKind.Load, AccessKind.Store }.Select(kind => new Thread(() =>
        {
            while (!Volatile.Read(ref ended))
            {
                PageWalker.Find(_ram, _hart, Va, kind, Privilege.Supervisor, out _);
            }
        }))];
        Array.ForEach(walkers, walker => walker.Start());
        for (int i = 0; i < Rounds; i++)
        {
            // Clears A and D, and counts in bits 8 and 9, which belong to software.
            changes++;
            Change(leaf, changes & 3);
        }

        Volatile.Write(ref ended, true);
        Array.ForEach(walkers, walker => walker.Join());
        Assert.Equal(Rounds & 3UL, (_tables.Read(leaf) >> 8) & 3);
    }

    private unsafe void Change(ulong leaf, ulong count)
    {
        ref ulong entry = ref *(ulong*)_ram.HostOf(leaf);
        ulong old = Volatile.Read(ref entry);
        while (true)
        {
            ulong wanted = (old & ~(AccessedDirty | (3UL << 8))) | (count << 8);
            ulong seen = Interlocked.CompareExchange(ref entry, wanted, old);
            if (seen == old)
            {
                return;
            }

            Assert.Equal(old >> 8, seen >> 8); // only A and D may have changed
            old = seen;
        }
    }

    private (WalkResult Result, ulong Physical, int Level) Find(
        ulong address, AccessKind kind = AccessKind.Load, Privilege privilege = Privilege.Supervisor)
    {
        WalkResult result = PageWalker.Find(_ram, _hart, address, kind, privilege, out Walk walk);
        return (result, walk.Physical, walk.Level);
    }
}
