using System.Text;
using Verify.Engine.Guest;

namespace Verify.Tests.Unit.Engine;

public class ElfLoaderTests
{
    private static byte[] Good => File.ReadAllBytes(Path.Combine(Guests.Folder, "sieve.elf"));

    [Fact]
    public void A_guest_program_is_read_with_its_entry_and_its_htif_registers()
    {
        GuestImage image = Guests.Load("sieve");
        Assert.Equal(Guests.Start, image.Entry);
        Assert.True(image.ToHost > Guests.Start && image.FromHost > image.ToHost);
        Assert.Null(Guests.Load("flush").ToHost);
    }

    [Fact]
    public void A_missing_file_is_named() => Refused("no such file", () => ElfLoader.ReadFile("/no/such/guest.elf"));

    [Theory]
    [InlineData(4, 1, "32-bit")]
    [InlineData(5, 2, "big-endian")]
    [InlineData(16, 3, "dynamic")]
    [InlineData(16, 1, "not an executable")]
    [InlineData(18, 62, "another architecture (ELF machine 62")]
    [InlineData(0, 0, "not an ELF file")]
    public void A_file_of_another_kind_is_refused(int at, byte value, string reason)
    {
        byte[] bytes = Good;
        bytes[at] = value;
        Refused(reason, () => ElfLoader.Read(bytes, "x"));
    }

    [Fact]
    public void A_text_file_is_refused() => Refused("not an ELF file", () => ElfLoader.Read(Encoding.ASCII.GetBytes("#!/bin/sh"), "x"));

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] bytes = Good;
        for (int length = 0; length < bytes.Length; length += 7)
        {
            ElfException refused = Assert.Throws<ElfException>(() => ElfLoader.Read(bytes.AsMemory(0, length), "x"));
            Assert.DoesNotContain('\n', refused.Message);
        }
    }

    [Fact]
    public void A_dynamic_segment_is_refused()
    {
        byte[] bytes = Good;
        BitConverter.TryWriteBytes(bytes.AsSpan((int)BitConverter.ToUInt64(bytes, 32)), 2); // type of the first program header: PT_DYNAMIC
        Refused("dynamically linked", () => ElfLoader.Read(bytes, "x"));
    }

    [Fact]
    public void A_damaged_file_never_causes_another_exception()
    {
        Random random = new(20100507);
        for (int i = 0; i < 3000; i++)
        {
            byte[] bytes = Good;
            for (int j = 0; j < 4; j++)
            {
                bytes[random.Next(j < 2 ? 0x200 : bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                using GuestRam ram = new(Guests.Start, 1 << 20);
                ElfLoader.Read(bytes, "x").CopyTo(ram);
            }
            catch (ElfException)
            {
            }
        }
    }

    [Fact]
    public void A_segment_outside_RAM_is_refused_with_both_ranges()
    {
        Refused("does not fit in RAM 0x80000000..0x80001000", () => Guests.Machine<PlainMemory>(Guests.Load("sieve"),
            Guests.Small with { RamSize = GuestRam.PageSize }));
        Refused("0x1000..", () => Guests.Machine<PlainMemory>(
            new GuestImage("x", 0x1000, null, null, [new GuestSegment(0x1000, new byte[8], 8)]), Guests.Small));
    }

    private static void Refused(string reason, Func<object> action)
    {
        ElfException refused = Assert.Throws<ElfException>(action);
        Assert.Contains(reason, refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }
}
