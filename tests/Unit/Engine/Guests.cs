using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Tests.Unit.Engine;

/// <summary>Guest programs for tests: from guests/bin, or written down as instruction words.</summary>
internal static class Guests
{
    public const ulong Start = 0x8000_0000;
    public const uint Ecall = 0x00000073, Ebreak = 0x00100073, FenceI = 0x0000100f, Nop = 0x00000013;

    public static string Folder { get; } = Path.Combine(Repository.Folder, "guests", "bin");

    public static GuestImage Load(string name) => ElfLoader.ReadFile(Path.Combine(Folder, name + ".elf"));

    public static GuestImage Program(params uint[] words)
    {
        byte[] bytes = words.SelectMany(BitConverter.GetBytes).ToArray();
        return new GuestImage("test", Start, null, null, [new GuestSegment(Start, bytes, (ulong)bytes.Length)]);
    }

    public static MachineOptions Small { get; } = new() { RamSize = 4 * GuestRam.PageSize, JumpCacheBits = 4 };

    public static Machine Machine<TMemory>(GuestImage image, MachineOptions options)
        where TMemory : struct, IGuestMemory =>
        InvalidationCatalog.Find("per-cpu-flag").Create<TMemory, NoAudit>(image, options);

    /// <summary>A vCPU without a machine.</summary>
    public static VCpu VCpu(int index)
    {
        VirtualClock clock = new(null);
        return new VCpu(new Hart(index, clock), jumpCacheBits: 1, new IdleHarts(new Clint([], clock, _ => { }), clock));
    }

    /// <summary>Has a hart that is in machine mode return to a privilege, with interrupts off.</summary>
    public static void Enter(Hart hart, Privilege privilege, ulong pc)
    {
        hart.Write(CsrNumber.Mstatus, (hart.Mstatus & ~(StatusBit.Mpp | StatusBit.Mpie)) | ((ulong)privilege << StatusBit.MppShift), 0);
        hart.Write(CsrNumber.Mepc, pc, 0);
        hart.ReturnFromMachineTrap();
    }

    // RISC-V encodings
    public static uint R(uint funct7, uint funct3, uint opcode, int rd, int rs1, int rs2) =>
        (funct7 << 25) | ((uint)rs2 << 20) | ((uint)rs1 << 15) | (funct3 << 12) | ((uint)rd << 7) | opcode;

    public static uint I(int imm, uint funct3, uint opcode, int rd, int rs1) =>
        ((uint)imm << 20) | ((uint)rs1 << 15) | (funct3 << 12) | ((uint)rd << 7) | opcode;

    public static uint S(int imm, uint funct3, int rs1, int rs2) =>
        ((uint)(imm >> 5) << 25) | ((uint)rs2 << 20) | ((uint)rs1 << 15) | (funct3 << 12) | ((uint)(imm & 31) << 7) | 0x23;

    public static uint B(int imm, uint funct3, int rs1, int rs2) =>
        ((uint)((imm >> 12) & 1) << 31) | ((uint)((imm >> 5) & 63) << 25) | ((uint)rs2 << 20) | ((uint)rs1 << 15) | (funct3 << 12) |
        ((uint)((imm >> 1) & 15) << 8) | ((uint)((imm >> 11) & 1) << 7) | 0x63;

    public static uint J(int imm, int rd) =>
        ((uint)((imm >> 20) & 1) << 31) | ((uint)((imm >> 1) & 1023) << 21) | ((uint)((imm >> 11) & 1) << 20) | ((uint)((imm >> 12) & 255) << 12) |
        ((uint)rd << 7) | 0x6f;

    public static uint Addi(int rd, int rs1, int imm) => I(imm, 0, 0x13, rd, rs1);
}
