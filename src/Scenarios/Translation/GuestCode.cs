using Verify.Engine.Guest;

namespace Verify.Scenarios.Translation;

/// <summary>Guests of a few instructions, written down as the words of "The RISC-V Instruction Set Manual, Volume I".</summary>
internal static class GuestCode
{
    internal const ulong Start = 0x8000_0000;

    internal const int A0 = 10, A1 = 11, A2 = 12, A7 = 17;

    /// <summary>Number of the environment call that ends a hart.</summary>
    internal const int Exit = 93;

    internal const uint Ecall = 0x00000073;

    /// <summary>A guest that starts with the first word.</summary>
    internal static GuestImage Image(params uint[] words)
    {
        byte[] bytes = [.. words.SelectMany(BitConverter.GetBytes)];
        return new GuestImage("scenario", Start, null, null, [new GuestSegment(Start, bytes, (ulong)bytes.Length)]);
    }

    /// <summary>jal x0</summary>
    /// <param name="offset">Bytes from this instruction, a multiple of 2 from -2^20 to 2^20 - 2.</param>
    internal static uint Jump(int offset) =>
        ((uint)((offset >> 20) & 1) << 31) | ((uint)((offset >> 1) & 1023) << 21) | ((uint)((offset >> 11) & 1) << 20) |
        ((uint)((offset >> 12) & 255) << 12) | 0x6f;

    /// <summary>addi</summary>
    internal static uint AddImmediate(int rd, int rs1, int immediate) => ((uint)immediate << 20) | ((uint)rs1 << 15) | ((uint)rd << 7) | 0x13;

    /// <summary>sw</summary>
    /// <param name="offset">0 to 31.</param>
    internal static uint StoreWord(int value, int address, int offset = 0) =>
        ((uint)value << 20) | ((uint)address << 15) | (2 << 12) | ((uint)offset << 7) | 0x23;
}
