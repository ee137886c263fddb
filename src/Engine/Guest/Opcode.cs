namespace Verify.Engine.Guest;

/// <summary>What a predecoded <see cref="Op"/> does: the RV64IMA instructions with Zicsr and the privileged ones, and the pseudo operations that end a translation block.</summary>
public enum Opcode : ushort
{
    /// <summary>Not an instruction this machine knows; faults when, and only when, it is executed.</summary>
    Illegal,
    Lui, Auipc, Jal, Jalr,
    Beq, Bne, Blt, Bge, Bltu, Bgeu,
    Lb, Lh, Lw, Ld, Lbu, Lhu, Lwu,
    Sb, Sh, Sw, Sd,
    Addi, Slti, Sltiu, Xori, Ori, Andi, Slli, Srli, Srai,
    Addiw, Slliw, Srliw, Sraiw,
    Add, Sub, Sll, Slt, Sltu, Xor, Srl, Sra, Or, And,
    Addw, Subw, Sllw, Srlw, Sraw,
    Mul, Mulh, Mulhsu, Mulhu, Div, Divu, Rem, Remu,
    Mulw, Divw, Divuw, Remw, Remuw,
    LrW, LrD, ScW, ScD, AmoW, AmoD,
    Fence, FenceI, Pause,
    Ecall, Ebreak, Mret, Sret, Wfi, SfenceVma, Csr,
    /// <summary>No instruction: the block ended for its length or at a page boundary; goes on at the next pc through jump slot 0.</summary>
    Continue,
}

/// <summary>The read-modify-write functions of the A extension; the immediate of <see cref="Opcode.AmoW"/> and <see cref="Opcode.AmoD"/>.</summary>
public enum AmoFunction
{
    Swap, Add, Xor, And, Or, Min, Max, Minu, Maxu,
}
