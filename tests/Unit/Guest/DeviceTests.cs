using Verify.Engine.Guest;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Guest;

public class DeviceTests
{
    private readonly VirtualClock _clock = new(null);
    private readonly Hart[] _harts;
    private readonly List<int> _kicked = [];
    private readonly Clint _clint;

    public DeviceTests()
    {
        _harts = [new Hart(0, _clock), new Hart(1, _clock)];
        _clint = new Clint(_harts, _clock, _kicked.Add);
    }

    [Fact]
    public void A_software_interrupt_reaches_its_hart_and_no_other()
    {
        Assert.True(_clint.TryWrite(4, 4, 0xffff_ffff));
        Assert.Equal((0UL, 1UL << InterruptBit.MachineSoftware), (_harts[0].Pending, _harts[1].Pending));
        Assert.Equal([1], _kicked);
        Assert.True(_clint.TryRead(4, 4, out ulong value));
        Assert.Equal(1UL, value); // one bit exists
        Assert.True(_clint.TryWrite(4, 4, 0));
        Assert.Equal(0UL, _harts[1].Pending);
    }

    [Fact]
    public void A_timer_fires_when_time_reaches_it_and_moving_it_on_clears_the_interrupt()
    {
        Assert.True(_clint.TryWrite(0x4008, 8, 100));
        Assert.Equal([1], _kicked);
        Assert.Equal(100UL, _clint.Update(1));
        _clock.Advance(99 * VirtualClock.InstructionsPerTick);
        Assert.Equal(1UL, _clint.Update(1));
        Assert.Equal(0UL, _harts[1].Pending);
        _clock.Advance(VirtualClock.InstructionsPerTick);
        Assert.Equal(ulong.MaxValue, _clint.Update(1));
        Assert.Equal(1UL << InterruptBit.MachineTimer, _harts[1].Pending);
        Assert.True(_clint.TryWrite(0x4008, 8, 200));
        Assert.Equal(0UL, _harts[1].Pending);
    }

    [Fact]
    public void Registers_of_eight_bytes_are_read_and_written_in_halves_too()
    {
        Assert.True(_clint.TryWrite(0x4000, 4, 0x1111_1111) && _clint.TryWrite(0x4004, 4, 0x2222_2222));
        Assert.True(_clint.TryRead(0x4000, 8, out ulong whole));
        Assert.Equal(0x2222_2222_1111_1111UL, whole);
        Assert.True(_clint.TryWrite(0xbff8, 8, 0x5_0000_0007));
        Assert.True(_clint.TryRead(0xbffc, 4, out ulong high) & _clint.TryRead(0xbff8, 4, out ulong low));
        Assert.Equal((5UL, 7UL), (high, low));
        Assert.Equal(0x5_0000_0007UL, _clock.Now);
    }

    [Theory]
    [InlineData(8, 4)]       // msip of a third hart
    [InlineData(0, 8)]
    [InlineData(0, 2)]
    [InlineData(0x4010, 8)]  // mtimecmp of a third hart
    [InlineData(0xbff0, 8)]
    [InlineData(0xc000, 4)]
    public void What_is_no_register_is_refused(int offset, int size)
    {
        Assert.False(_clint.TryRead((ulong)offset, size, out _));
        Assert.False(_clint.TryWrite((ulong)offset, size, 1));
        Assert.Empty(_kicked);
    }

    [Fact]
    public void Idle_time_skips_to_the_first_timer_that_some_hart_waits_for()
    {
        _clint.TryWrite(0x4000, 8, 500);
        _clint.TryWrite(0x4008, 8, 900);
        Assert.False(_clint.SkipToNextTimer()); // nobody has enabled its interrupt
        _harts[1].Write(CsrNumber.Mie, 1UL << InterruptBit.MachineTimer, 0);
        Assert.True(_clint.SkipToNextTimer());
        Assert.Equal(900UL, _clock.Now);
        Assert.NotEqual(0UL, _harts[1].Pending);
        Assert.False(_clint.SkipToNextTimer()); // it has fired
    }

    [Fact]
    public void The_uart_prints_what_is_transmitted_and_is_always_ready()
    {
        StringWriter text = new();
        Uart16550 uart = new(new GuestConsole(text));
        Assert.True(uart.TryRead(5, 1, out ulong status));
        Assert.Equal(0x60UL, status);
        foreach (char c in "hi")
        {
            Assert.True(uart.TryWrite(0, 1, c));
        }

        Assert.True(uart.TryWrite(3, 1, 0x83)); // divisor latch: the next write is no character
        Assert.True(uart.TryWrite(0, 1, 'x'));
        Assert.True(uart.TryRead(0, 1, out ulong divisor));
        Assert.True(uart.TryWrite(3, 1, 0x03));
        Assert.True(uart.TryRead(0, 1, out ulong received));
        Assert.Equal(("hi", (ulong)'x', 0UL), (text.ToString(), divisor, received));
        Assert.True(uart.TryWrite(7, 1, 0x5a) && uart.TryRead(7, 1, out ulong scratch) && scratch == 0x5a);
        Assert.False(uart.TryRead(8, 1, out _));
        Assert.False(uart.TryWrite(0, 4, 'x'));
    }

    [Fact]
    public void Htif_prints_exits_and_answers()
    {
        const ulong ToHost = Guests.Start + 64, FromHost = Guests.Start + 128, Call = Guests.Start + 256;
        using GuestRam ram = new(Guests.Start, GuestRam.PageSize);
        StringWriter text = new();
        Htif htif = new(ram, new GuestImage("test", Guests.Start, ToHost, FromHost, []), new GuestConsole(text));
        Assert.Null(Command((0x0101UL << 48) | 'a'));
        Assert.Equal((0UL, 0x0101UL << 48), (Word(ToHost), Word(FromHost)));
        Assert.Null(Command(0));
        Assert.Equal(0L, Command(1));
        Assert.Equal(21L, Command(43));

        ram.Slice(Call + 64, 3)[0] = (byte)'b';
        (ulong, ulong)[] write = [(0, 64), (8, 1), (16, Call + 64), (24, 1)];
        foreach ((ulong at, ulong value) in write)
        {
            BitConverter.TryWriteBytes(ram.Slice(Call + at, 8), value);
        }

        Assert.Null(Command(Call));
        Assert.Equal((1UL, "ab"), (Word(Call), text.ToString()));
        BitConverter.TryWriteBytes(ram.Slice(Call, 8), 93UL);
        BitConverter.TryWriteBytes(ram.Slice(Call + 8, 8), 7UL);
        Assert.Equal(7L, Command(Call));
        Assert.Null(Command(0xdead_0000)); // a call block outside RAM is ignored
        Assert.Equal((-9L, -14L), (htif.Write(3, Call, 1), htif.Write(1, 0, 1)));

        long? Command(ulong value)
        {
            BitConverter.TryWriteBytes(ram.Slice(ToHost, 8), value);
            return htif.Command(8);
        }

        ulong Word(ulong address) => BitConverter.ToUInt64(ram.Slice(address, 8));
    }

    [Fact]
    public void The_bus_hands_an_access_to_the_first_device_that_covers_it()
    {
        DeviceBus bus = new([new DeviceRange(0x1000, 0x1000, _clint), new DeviceRange(0x1000, 0x2000, new Uart16550(new GuestConsole(TextWriter.Null)))]);
        Assert.True(bus.Contains(0x1fff) && bus.Contains(0x2000));
        Assert.False(bus.Contains(0xfff) || bus.Contains(0x3000));
        Assert.True(bus.TryWrite(0x1004, 4, 1));
        Assert.NotEqual(0UL, _harts[1].Pending);
        Assert.False(bus.TryRead(0x3000, 1, out _));
    }
}
