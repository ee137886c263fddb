namespace Verify.Engine.Guest;

/// <summary>Decodes one 32-bit RV64IMA_Zicsr_Zifencei instruction word, or one of the privileged architecture.</summary>
/// <remarks>
/// After "The RISC-V Instruction Set Manual, Volume I", chapter "RV32/64G Instruction Set Listings", and "Volume II". Whether a CSR exists and may
/// be accessed is found out when the instruction runs. Anything unknown, reserved encodings included, decodes to <see cref="Opcode.Illegal"/>.
/// </remarks>
public static class Decoder
{
    private const uint PauseHint = 0x0100000f; // Zihintpause: fence w, 0

    public static Op Decode(uint word)
    {
        Op op = new()
        {
            Rd = (byte)((word >> 7) & 31),
            Rs1 = (byte)((word >> 15) & 31),
            Rs2 = (byte)((word >> 20) & 31),
        };
        uint funct3 = (word >> 12) & 7;
        (op.Code, op.Imm) = (word & 0x7f) switch
        {
            0x37 => (Opcode.Lui, ImmU(word)),
            0x17 => (Opcode.Auipc, ImmU(word)),
            0x6f => (Opcode.Jal, ImmJ(word)),
            0x67 => (funct3 == 0 ? Opcode.Jalr : Opcode.Illegal, ImmI(word)),
            0x63 => (Branch(funct3), ImmB(word)),
            0x03 => (Load(funct3), ImmI(word)),
            0x23 => (Store(funct3), ImmS(word)),
            0x13 => OpImm(word, funct3),
            0x1b => OpImm32(word, funct3),
            0x33 => (Register(word >> 25, funct3), 0),
            0x3b => (Register32(word >> 25, funct3), 0),
            0x2f => Atomic(word, funct3),
            0x0f => (funct3 switch { 0 => word == PauseHint ? Opcode.Pause : Opcode.Fence, 1 => Opcode.FenceI, _ => Opcode.Illegal }, 0),
            0x73 => (DecodeSystem(word, funct3), 0),
            _ => (Opcode.Illegal, 0L),
        };
        op.Length = 4;
        if (op.Code is Opcode.Illegal or >= Opcode.Ecall and <= Opcode.Csr)
        {
            op.Imm = word;
        }

        if (op.Rd == 0)
        {
            op.Rd = Op.Sink;
        }

        return op;
    }

    /// <summary>True if no instruction after this one belongs to the same translation block.</summary>
    public static bool EndsBlock(Opcode code) => code switch
    {
        Opcode.Jal or Opcode.Jalr or Opcode.FenceI or Opcode.Illegal => true,
        >= Opcode.Ecall and <= Opcode.SfenceVma => true,
        >= Opcode.Beq and <= Opcode.Bgeu => true,
        _ => false,
    };

    private static Opcode Branch(uint funct3) => funct3 switch
    {
        0 => Opcode.Beq,
        1 => Opcode.Bne,
        4 => Opcode.Blt,
        5 => Opcode.Bge,
        6 => Opcode.Bltu,
        7 => Opcode.Bgeu,
        _ => Opcode.Illegal,
    };

    private static Opcode Load(uint funct3) => funct3 < 7 ? Opcode.Lb + (ushort)funct3 : Opcode.Illegal;

    private static Opcode Store(uint funct3) => funct3 < 4 ? Opcode.Sb + (ushort)funct3 : Opcode.Illegal;

    private static (Opcode Code, long Imm) OpImm(uint word, uint funct3) => funct3 switch
    {
        0 => (Opcode.Addi, ImmI(word)),
        2 => (Opcode.Slti, ImmI(word)),
        3 => (Opcode.Sltiu, ImmI(word)),
        4 => (Opcode.Xori, ImmI(word)),
        6 => (Opcode.Ori, ImmI(word)),
        7 => (Opcode.Andi, ImmI(word)),
        1 => (word >> 26 == 0 ? Opcode.Slli : Opcode.Illegal, (word >> 20) & 63),
        _ => (ShiftRight(word >> 26, 0x10, Opcode.Srli, Opcode.Srai), (word >> 20) & 63),
    };

    private static (Opcode Code, long Imm) OpImm32(uint word, uint funct3) => funct3 switch
    {
        0 => (Opcode.Addiw, ImmI(word)),
        1 => (word >> 25 == 0 ? Opcode.Slliw : Opcode.Illegal, (word >> 20) & 31),
        5 => (ShiftRight(word >> 25, 0x20, Opcode.Srliw, Opcode.Sraiw), (word >> 20) & 31),
        _ => (Opcode.Illegal, 0),
    };

    private static Opcode ShiftRight(uint funct, uint arithmetic, Opcode logicalCode, Opcode arithmeticCode) =>
        funct == 0 ? logicalCode : funct == arithmetic ? arithmeticCode : Opcode.Illegal;

    private static Opcode Register(uint funct7, uint funct3) => (funct7, funct3) switch
    {
        (0x00, 0) => Opcode.Add,
        (0x20, 0) => Opcode.Sub,
        (0x00, 1) => Opcode.Sll,
        (0x00, 2) => Opcode.Slt,
        (0x00, 3) => Opcode.Sltu,
        (0x00, 4) => Opcode.Xor,
        (0x00, 5) => Opcode.Srl,
        (0x20, 5) => Opcode.Sra,
        (0x00, 6) => Opcode.Or,
        (0x00, 7) => Opcode.And,
        (0x01, _) => Opcode.Mul + (ushort)funct3,
        _ => Opcode.Illegal,
    };

    private static Opcode Register32(uint funct7, uint funct3) => (funct7, funct3) switch
    {
        (0x00, 0) => Opcode.Addw,
        (0x20, 0) => Opcode.Subw,
        (0x00, 1) => Opcode.Sllw,
        (0x00, 5) => Opcode.Srlw,
        (0x20, 5) => Opcode.Sraw,
        (0x01, 0) => Opcode.Mulw,
        (0x01, 4) => Opcode.Divw,
        (0x01, 5) => Opcode.Divuw,
        (0x01, 6) => Opcode.Remw,
        (0x01, 7) => Opcode.Remuw,
        _ => Opcode.Illegal,
    };

    private static (Opcode Code, long Imm) Atomic(uint word, uint funct3)
    {
        if (funct3 is not (2 or 3))
        {
            return (Opcode.Illegal, 0);
        }

        // aq and rl (bits 26, 25) need no op of their own: every atomic here is a full barrier or a sequentially consistent access.
        Opcode amo = funct3 == 2 ? Opcode.AmoW : Opcode.AmoD;
        return (word >> 27) switch
        {
            0x02 => (((word >> 20) & 31) != 0 ? Opcode.Illegal : funct3 == 2 ? Opcode.LrW : Opcode.LrD, 0),
            0x03 => (funct3 == 2 ? Opcode.ScW : Opcode.ScD, 0),
            0x01 => (amo, (long)AmoFunction.Swap),
            0x00 => (amo, (long)AmoFunction.Add),
            0x04 => (amo, (long)AmoFunction.Xor),
            0x0c => (amo, (long)AmoFunction.And),
            0x08 => (amo, (long)AmoFunction.Or),
            0x10 => (amo, (long)AmoFunction.Min),
            0x14 => (amo, (long)AmoFunction.Max),
            0x18 => (amo, (long)AmoFunction.Minu),
            0x1c => (amo, (long)AmoFunction.Maxu),
            _ => (Opcode.Illegal, 0),
        };
    }

    private static Opcode DecodeSystem(uint word, uint funct3)
    {
        if (funct3 == 0)
        {
            return word switch
            {
                0x00000073 => Opcode.Ecall,
                0x00100073 => Opcode.Ebreak,
                0x10200073 => Opcode.Sret,
                0x30200073 => Opcode.Mret,
                0x10500073 => Opcode.Wfi,
                _ when (word & 0xfe007fff) == 0x12000073 => Opcode.SfenceVma,
                _ => Opcode.Illegal,
            };
        }

        return funct3 == 4 ? Opcode.Illegal : Opcode.Csr;
    }

    private static long ImmI(uint word) => (int)word >> 20;

    private static long ImmS(uint word) => ((int)(word & 0xfe000000) >> 20) | (int)((word >> 7) & 31);

    private static long ImmU(uint word) => (int)(word & 0xfffff000);

    private static long ImmB(uint word) =>
        ((int)(word & 0x80000000) >> 19) | (int)((word & 0x80) << 4) | (int)((word >> 20) & 0x7e0) | (int)((word >> 7) & 0x1e);

    private static long ImmJ(uint word) =>
        ((int)(word & 0x80000000) >> 11) | (int)(word & 0xff000) | (int)((word >> 9) & 0x800) | (int)((word >> 20) & 0x7fe);
}
