using Verify.Engine.Guest;

namespace Verify.Benchmarks.Translation;

/// <summary>Guests made of a few instructions, as the RISC-V unprivileged specification encodes them.</summary>
internal static class GuestCode
{
    internal const ulong Start = 0x8000_0000;

    /// <summary>li a7, 93; ecall.</summary>
    internal static IEnumerable<uint> Exit => [0x05d00893, 0x00000073];

    /// <summary>lui a0 and addi a0: a number of turns.</summary>
    internal static IEnumerable<uint> Count(int turns)
    {
        int high = (turns + 0x800) >> 12, low = turns - (high << 12);
        return [(uint)high << 12 | 0x537, (uint)(low & 0xfff) << 20 | 0x50513];
    }

    /// <summary>addi a0, a0, -1; bne a0, zero to so many words before the addi.</summary>
    internal static IEnumerable<uint> Again(int words)
    {
        uint offset = (uint)(-4 * (words + 1));
        uint encoded = ((offset >> 12 & 1) << 31) | ((offset >> 5 & 0x3f) << 25) | ((offset >> 1 & 0xf) << 8) | ((offset >> 11 & 1) << 7);
        return [0xfff50513, encoded | 0x00051063];
    }

    /// <summary>Blocks of one jump each, to the next one.</summary>
    internal static IEnumerable<uint> Jumps(int blocks) => Enumerable.Repeat(0x0040006fu, blocks);

    /// <summary>auipc t0, 0; jalr zero, 8(t0): blocks that end in a jump whose target is looked up.</summary>
    internal static IEnumerable<uint> IndirectJumps(int blocks) => Enumerable.Repeat((uint[])[0x00000297, 0x00828067], blocks).SelectMany(w => w);

    internal static GuestImage Image(params IEnumerable<uint>[] parts)
    {
        byte[] bytes = [.. parts.SelectMany(p => p).SelectMany(BitConverter.GetBytes)];
        return new GuestImage("load", Start, null, null, [new GuestSegment(Start, bytes, (ulong)bytes.Length)]);
    }
}
