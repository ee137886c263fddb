using Verify.Engine.Auditing;
using Verify.Engine.Dirty;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Memory;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Hotplug;

/// <summary>RAM that comes, goes and changes its size, in machines that run and that do not.</summary>
public sealed class RamHotplugTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly Machine _machine = Make("rcu-blocks", Guests.Program(Guests.Nop));

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_new_block_is_zero_dirty_for_all_and_there_for_devices()
    {
        RamBlock block = _machine.AddRam("a", MiB);
        byte[] bytes = [1, 2, 3, 4];
        Assert.True(_machine.DmaRead(block.Start, bytes));
        Assert.Equal(new byte[4], bytes);
        Assert.True(_machine.DmaWrite(block.Start + (ulong)MiB - 4, "wxyz"u8));
        Assert.False(_machine.DmaWrite(block.Start + (ulong)MiB - 3, "wxyz"u8)); // one byte too far
        _machine.Ram.Dirty!.Use(view => Assert.True(view.AllDirty(block.Pages, DirtyClient.Code)));
    }

    [Theory]
    [InlineData("rcu-blocks")]
    [InlineData("client-bitmaps")]
    [InlineData("none")]
    public void A_block_takes_the_page_numbers_of_one_that_went_and_other_blocks_keep_theirs(string design)
    {
        using Machine machine = Make(design, Guests.Program(Guests.Nop));
        RamBlock a = machine.AddRam("a", MiB), b = machine.AddRam("b", MiB);
        machine.RemoveRam(a);
        Assert.False(machine.DmaRead(a.Start, new byte[1]));
        RamBlock c = machine.AddRam("c", MiB, a.Start);
        Assert.Equal((a.FirstPage, 256 + a.FirstPage), (c.FirstPage, b.FirstPage));
        Assert.Equal(["b", "c"], machine.Ram.Others!.Blocks.Select(block => block.Name).Order());
        Assert.Throws<UseAfterFreeException>(a.AssertAlive);
    }

    [Fact]
    public void A_block_grows_and_shrinks_within_what_it_was_made_for()
    {
        RamBlock block = _machine.AddRam("a", MiB, maxSize: 4 * MiB);
        ulong beyond = block.Start + (ulong)MiB;
        Assert.False(_machine.DmaWrite(beyond, "x"u8));
        _machine.ResizeRam(block, 2 * MiB);
        Assert.True(_machine.DmaWrite(beyond, "x"u8));
        _machine.ResizeRam(block, MiB);
        Assert.False(_machine.DmaRead(beyond, new byte[1]));
        _machine.ResizeRam(block, 4 * MiB);
        byte[] again = [9];
        Assert.True(_machine.DmaRead(beyond, again));
        Assert.Equal(0, again[0]); // what was cut off is lost
    }

    [Fact]
    public void More_than_an_int_can_count_is_cut_off_and_comes_back_zero()
    {
        using Machine machine = Guests.Machine<PlainMemory>(Guests.Program(Guests.Nop), Guests.Small with { MaxRamSize = 3L << 30 });
        RamBlock block = machine.AddRam("a", (2L << 30) + MiB);
        ulong last = block.Start + block.Size - 1;
        Assert.True(machine.DmaWrite(last, "x"u8));
        machine.ResizeRam(block, MiB);
        machine.ResizeRam(block, (2L << 30) + MiB);
        byte[] again = [9];
        Assert.True(machine.DmaRead(last, again));
        Assert.Equal(0, again[0]);
    }

    [Fact]
    public void What_cannot_be_says_why()
    {
        RamBlock block = _machine.AddRam("a", MiB);
        Assert.Contains("another name", Refused(() => _machine.AddRam("a", MiB)));
        Assert.Contains("overlap block 'a'", Refused(() => _machine.AddRam("b", MiB, block.Start + 4096)));
        Assert.Contains("overlap the first RAM", Refused(() => _machine.AddRam("b", MiB, Guests.Start)));
        Assert.Contains("whole pages", Refused(() => _machine.AddRam("b", MiB + 1)));
        Assert.Contains("larger MaxRamSize", Refused(() => _machine.AddRam("b", 1L << 40)));
        Assert.Contains("it was made for", Refused(() => _machine.ResizeRam(block, 2 * MiB)));
        _machine.RemoveRam(block);
        Assert.Contains("already", Refused(() => _machine.RemoveRam(block)));
        Assert.Contains("has been removed", Refused(() => _machine.ResizeRam(block, MiB)));
        using Machine fixedRam = Guests.Machine<PlainMemory>(Guests.Program(Guests.Nop), Guests.Small);
        Assert.Contains("MaxRamSize", Refused(() => fixedRam.AddRam("a", MiB)));

        static string Refused(Action action) => Assert.Throws<RamListException>(action).Message;
    }

    [Theory]
    [InlineData("rcu-blocks")]
    [InlineData("byte-flags-summary-bit")]
    [InlineData("none")]
    public void Blocks_come_go_and_change_while_a_guest_stores_into_one_of_them(string design)
    {
        using Machine machine = Make(design, Guests.Load("hotplug"));
        Thread guest = new(machine.Run) { IsBackground = true };
        guest.Start();
        machine.AddRam("used", MiB); // the guest uses the first block it is told of
        int rounds = 0;
        while (guest.IsAlive && rounds < 200)
        {
            RamBlock other = machine.AddRam("other", MiB, maxSize: 2 * MiB);
            machine.ResizeRam(other, 2 * MiB);
            machine.DmaWrite(other.Start + (ulong)MiB, "bytes"u8);
            machine.ResizeRam(other, MiB);
            machine.RemoveRam(other);
            rounds++;
        }

        guest.Join();
        Assert.Equal((0L, null), (machine.ExitCode, machine.Fault));
        Assert.True(rounds > 0);
    }

    [Fact]
    public void A_guest_that_stores_where_a_block_was_takes_a_fault()
    {
        // lui t0, 0x8000 << 12 would be negative: build 0x8800_0000 as the default place of the first block, then store to it for ever.
        const int T0 = 5;
        GuestImage image = Guests.Program(Guests.Addi(T0, 0, 0x110), Guests.I(23, 1, 0x13, T0, T0), Guests.S(0, 3, T0, T0), Guests.J(-4, 0));
        using Machine machine = Make("rcu-blocks", image);
        RamBlock block = machine.AddRam("a", MiB);
        Assert.Equal(0x8800_0000UL, block.Start);
        Thread guest = new(machine.Run) { IsBackground = true };
        guest.Start();
        byte[] seen = new byte[8];
        while (BitConverter.ToUInt64(seen) == 0)
        {
            machine.DmaRead(block.Start, seen);
        }

        machine.RemoveRam(block);
        guest.Join();
        Assert.Contains("0x88000000, outside RAM", machine.Fault!.ToString());
        machine.Ram.Others!.Rcu.Drain();
        Assert.Throws<UseAfterFreeException>(block.AssertAlive);
    }

    private static Machine Make(string design, GuestImage image) => InvalidationCatalog.Find("per-cpu-flag").Create<PlainMemory, NoAudit>(
        image, new MachineOptions { Cpus = 2, RamSize = 4 * MiB, MaxRamSize = 16 * MiB, DirtyMemory = design, DirtyBlockPages = 128 });
}
