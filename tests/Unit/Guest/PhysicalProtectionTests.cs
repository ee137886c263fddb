using Verify.Engine.Guest;

namespace Verify.Tests.Unit.Guest;

public class PhysicalProtectionTests
{
    private const byte R = 1, W = 2, X = 4, Tor = 1 << 3, Na4 = 2 << 3, Napot = 3 << 3, Locked = 1 << 7;
    private readonly PhysicalProtection _pmp = new();

    [Fact]
    public void Without_entries_machine_mode_may_do_all_and_others_nothing()
    {
        Assert.True(Allows(0x1000, AccessKind.Store, Privilege.Machine));
        Assert.False(Allows(0x1000, AccessKind.Load, Privilege.Supervisor));
    }

    [Theory]
    [InlineData(Na4, 0x400UL, 0x1000UL, 0x1003UL)]
    [InlineData(Napot, 0x400UL, 0x1000UL, 0x1007UL)]
    [InlineData(Napot, 0x5ffUL, 0x1000UL, 0x1fffUL)]
    [InlineData(Tor, 0x400UL, 0UL, 0xfffUL)]
    public void A_range_ends_where_its_mode_says(byte mode, ulong address, ulong first, ulong last)
    {
        Set(0, mode | R, address);
        Assert.True(Allows(first, AccessKind.Load));
        Assert.True(Allows(last, AccessKind.Load));
        Assert.False(Allows(last + 1, AccessKind.Load));
        Assert.True(first == 0 || !Allows(first - 1, AccessKind.Load));
        Assert.False(Allows(first, AccessKind.Store));
        Assert.False(Allows(first, AccessKind.Fetch));
    }

    [Fact]
    public void The_first_entry_that_matches_any_byte_decides_and_must_match_all()
    {
        Set(0, Na4 | R, 0x1000 >> 2);
        Set(1, Napot | R | W | X, ulong.MaxValue >> 10);
        Assert.True(Allows(0x1000, AccessKind.Load, length: 4));
        Assert.False(Allows(0x1000, AccessKind.Store, length: 4));
        Assert.False(Allows(0x1000, AccessKind.Load, length: 8)); // reaches beyond entry 0
        Assert.True(Allows(0x1004, AccessKind.Store, length: 4));
        Assert.False(_pmp.Allows(0x1004, 4, AccessKind.Load, Privilege.User, out bool whole) && whole); // no answer for the whole page
        Assert.True(_pmp.Allows(0x5000, 4, AccessKind.Load, Privilege.User, out whole) && whole);
    }

    [Fact]
    public void A_locked_entry_binds_machine_mode_and_cannot_be_changed()
    {
        Set(1, Tor | Locked | R, 0x2000 >> 2);
        Assert.True(_pmp.BindsMachineMode);
        Assert.False(Allows(0x1000, AccessKind.Store, Privilege.Machine));
        _pmp.WriteConfiguration(0, 0);
        _pmp.WriteAddress(1, 0);
        _pmp.WriteAddress(0, 0x1800 >> 2); // the lower end of a locked range is locked too
        Assert.False(Allows(0x1000, AccessKind.Store, Privilege.Machine));
        Assert.Equal((ulong)(Tor | Locked | R) << 8, _pmp.ReadConfiguration(0));
        Assert.Equal(0UL, _pmp.ReadAddress(0));
    }

    [Fact]
    public void Writable_but_not_readable_is_reserved_and_ignored()
    {
        Set(0, Napot | R, 0x5ff);
        _pmp.WriteConfiguration(0, Napot | W);
        Assert.Equal((ulong)(Napot | R), _pmp.ReadConfiguration(0));
        Assert.Equal(0UL, _pmp.ReadAddress(PhysicalProtection.Entries));
    }

    private void Set(int entry, int configuration, ulong address)
    {
        _pmp.WriteAddress(entry, address);
        _pmp.WriteConfiguration(0, _pmp.ReadConfiguration(0) | ((ulong)(byte)configuration << (8 * entry)));
    }

    private bool Allows(ulong address, AccessKind kind, Privilege privilege = Privilege.User, ulong length = 1) =>
        _pmp.Allows(address, length, kind, privilege, out _);
}
