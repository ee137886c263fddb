using Verify.Engine.Guest;

namespace Verify.Scenarios.Harts;

/// <summary>Words of loads, stores, atomics, fences and CSR accesses, after "The RISC-V Instruction Set Manual, Volume I".</summary>
internal static class HartCode
{
    /// <summary>funct3 of an access: logarithm of its bytes.</summary>
    internal const int Byte = 0, Halfword = 1, Word = 2, Doubleword = 3;

    /// <summary>fence rw, rw</summary>
    internal const uint Fence = 0x0330000f;

    private static readonly uint[] s_amoFunct5 = [1, 0, 4, 12, 8, 16, 20, 24, 28]; // by AmoFunction

    /// <summary>lb, lh, lw or ld</summary>
    internal static uint Load(int width, int rd, int address, int offset = 0) =>
        ((uint)offset << 20) | ((uint)address << 15) | ((uint)width << 12) | ((uint)rd << 7) | 0x03;

    /// <summary>sb, sh, sw or sd</summary>
    /// <param name="offset">0 to 2047.</param>
    internal static uint Store(int width, int value, int address, int offset = 0) =>
        ((uint)(offset >> 5) << 25) | ((uint)value << 20) | ((uint)address << 15) | ((uint)width << 12) | ((uint)(offset & 31) << 7) | 0x23;

    /// <summary>add</summary>
    internal static uint Add(int rd, int rs1, int rs2) => ((uint)rs2 << 20) | ((uint)rs1 << 15) | ((uint)rd << 7) | 0x33;

    /// <summary>amoswap, amoadd and so on, .aqrl</summary>
    internal static uint Amo(AmoFunction function, int width, int rd, int value, int address) =>
        Atomic(s_amoFunct5[(int)function], width, rd, value, address);

    /// <summary>lr.aqrl</summary>
    internal static uint LoadReserved(int width, int rd, int address) => Atomic(2, width, rd, 0, address);

    /// <summary>sc.aqrl; <paramref name="rd"/> becomes 0 if it stored.</summary>
    internal static uint StoreConditional(int width, int rd, int value, int address) => Atomic(3, width, rd, value, address);

    /// <summary>bne</summary>
    /// <param name="offset">Bytes from this instruction, a multiple of 2 from -4096 to 4094.</param>
    internal static uint BranchIfNotEqual(int rs1, int rs2, int offset) =>
        ((uint)((offset >> 12) & 1) << 31) | ((uint)((offset >> 5) & 63) << 25) | ((uint)rs2 << 20) | ((uint)rs1 << 15) | (1 << 12) |
        ((uint)((offset >> 1) & 15) << 8) | ((uint)((offset >> 11) & 1) << 7) | 0x63;

    /// <summary>csrrw</summary>
    internal static uint SwapCsr(int rd, int csr, int rs1) => ((uint)csr << 20) | ((uint)rs1 << 15) | (1 << 12) | ((uint)rd << 7) | 0x73;

    /// <summary>csrrs</summary>
    internal static uint SetCsr(int rd, int csr, int rs1) => ((uint)csr << 20) | ((uint)rs1 << 15) | (2 << 12) | ((uint)rd << 7) | 0x73;

    /// <summary>csrrc</summary>
    internal static uint ClearCsr(int rd, int csr, int rs1) => ((uint)csr << 20) | ((uint)rs1 << 15) | (3 << 12) | ((uint)rd << 7) | 0x73;

    private static uint Atomic(uint funct5, int width, int rd, int rs2, int rs1) =>
        (funct5 << 27) | (3u << 25) | ((uint)rs2 << 20) | ((uint)rs1 << 15) | ((uint)width << 12) | ((uint)rd << 7) | 0x2f;
}
