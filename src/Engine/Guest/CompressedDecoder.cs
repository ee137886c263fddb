namespace Verify.Engine.Guest;

/// <summary>Decodes one 16-bit RV64C instruction into the op of the instruction it abbreviates.</summary>
/// <remarks>
/// After "The RISC-V Instruction Set Manual, Volume I", chapter "C", tables of the quadrants for RV64. Floating-point forms are not decoded: there
/// is no F or D. Hints decode to what they encode, which has no effect.
/// </remarks>
public static class CompressedDecoder
{
    public static Op Decode(ushort parcel)
    {
        uint c = parcel;
        Op op = new() { Code = Opcode.Illegal, Imm = parcel };
        switch (c & 3)
        {
            case 0:
                Quadrant0(ref op, c);
                break;
            case 1:
                Quadrant1(ref op, c);
                break;
            default:
                Quadrant2(ref op, c);
                break;
        }

        op.Length = 2;
        if (op.Rd == 0)
        {
            op.Rd = Op.Sink;
        }

        return op;
    }

    private static void Quadrant0(ref Op op, uint c)
    {
        byte low = Short(c >> 2), high = Short(c >> 7); // rd' or rs2', and rs1'
        uint word = Field(c, 10, 3, 3) | Field(c, 6, 1, 2) | Field(c, 5, 1, 6);
        uint doubleword = Field(c, 10, 3, 3) | Field(c, 5, 2, 6);
        switch (c >> 13)
        {
            case 0:
                uint immediate = Field(c, 11, 2, 4) | Field(c, 7, 4, 6) | Field(c, 6, 1, 2) | Field(c, 5, 1, 3);
                if (immediate != 0)
                {
                    Set(ref op, Opcode.Addi, low, 2, 0, immediate); // c.addi4spn
                }

                break;
            case 2:
                Set(ref op, Opcode.Lw, low, high, 0, word);
                break;
            case 3:
                Set(ref op, Opcode.Ld, low, high, 0, doubleword);
                break;
            case 6:
                Set(ref op, Opcode.Sw, 0, high, low, word);
                break;
            case 7:
                Set(ref op, Opcode.Sd, 0, high, low, doubleword);
                break;
        }
    }

    private static void Quadrant1(ref Op op, uint c)
    {
        byte rd = (byte)((c >> 7) & 31), shortRd = Short(c >> 7);
        long immediate = SignExtend(Field(c, 12, 1, 5) | Field(c, 2, 5, 0), 6);
        switch (c >> 13)
        {
            case 0:
                Set(ref op, Opcode.Addi, rd, rd, 0, immediate); // c.nop too
                break;
            case 1 when rd != 0:
                Set(ref op, Opcode.Addiw, rd, rd, 0, immediate);
                break;
            case 2:
                Set(ref op, Opcode.Addi, rd, 0, 0, immediate); // c.li
                break;
            case 3 when rd == 2:
                long adjustment = SignExtend(Field(c, 12, 1, 9) | Field(c, 6, 1, 4) | Field(c, 5, 1, 6) | Field(c, 3, 2, 7) | Field(c, 2, 1, 5), 10);
                if (adjustment != 0)
                {
                    Set(ref op, Opcode.Addi, 2, 2, 0, adjustment); // c.addi16sp
                }

                break;
            case 3 when immediate != 0:
                Set(ref op, Opcode.Lui, rd, 0, 0, immediate << 12);
                break;
            case 4:
                Arithmetic(ref op, c, shortRd, immediate);
                break;
            case 5:
                long displacement = SignExtend(
                    Field(c, 12, 1, 11) | Field(c, 11, 1, 4) | Field(c, 9, 2, 8) | Field(c, 8, 1, 10) | Field(c, 7, 1, 6) | Field(c, 6, 1, 7) |
                    Field(c, 3, 3, 1) | Field(c, 2, 1, 5), 12);
                Set(ref op, Opcode.Jal, 0, 0, 0, displacement);
                break;
            case 6 or 7:
                long offset = SignExtend(
                    Field(c, 12, 1, 8) | Field(c, 10, 2, 3) | Field(c, 5, 2, 6) | Field(c, 3, 2, 1) | Field(c, 2, 1, 5), 9);
                Set(ref op, c >> 13 == 6 ? Opcode.Beq : Opcode.Bne, 0, shortRd, 0, offset);
                break;
        }
    }

    private static void Arithmetic(ref Op op, uint c, byte rd, long immediate)
    {
        byte rs2 = Short(c >> 2);
        Opcode? code = ((c >> 10) & 3, (c >> 12) & 1, (c >> 5) & 3) switch
        {
            (0, _, _) => Opcode.Srli,
            (1, _, _) => Opcode.Srai,
            (2, _, _) => Opcode.Andi,
            (_, 0, 0) => Opcode.Sub,
            (_, 0, 1) => Opcode.Xor,
            (_, 0, 2) => Opcode.Or,
            (_, 0, 3) => Opcode.And,
            (_, _, 0) => Opcode.Subw,
            (_, _, 1) => Opcode.Addw,
            _ => null,
        };
        if (code is Opcode.Srli or Opcode.Srai)
        {
            Set(ref op, code.Value, rd, rd, 0, immediate & 63);
        }
        else if (code is { } known)
        {
            Set(ref op, known, rd, rd, known == Opcode.Andi ? (byte)0 : rs2, known == Opcode.Andi ? immediate : 0);
        }
    }

    private static void Quadrant2(ref Op op, uint c)
    {
        byte rd = (byte)((c >> 7) & 31), rs2 = (byte)((c >> 2) & 31);
        switch (c >> 13)
        {
            case 0:
                Set(ref op, Opcode.Slli, rd, rd, 0, Field(c, 12, 1, 5) | Field(c, 2, 5, 0));
                break;
            case 2 when rd != 0:
                Set(ref op, Opcode.Lw, rd, 2, 0, Field(c, 12, 1, 5) | Field(c, 4, 3, 2) | Field(c, 2, 2, 6));
                break;
            case 3 when rd != 0:
                Set(ref op, Opcode.Ld, rd, 2, 0, Field(c, 12, 1, 5) | Field(c, 5, 2, 3) | Field(c, 2, 3, 6));
                break;
            case 4 when rs2 != 0:
                Set(ref op, Opcode.Add, rd, (c & 0x1000) != 0 ? rd : (byte)0, rs2, 0); // c.add, c.mv
                break;
            case 4 when rd != 0:
                Set(ref op, Opcode.Jalr, (c & 0x1000) != 0 ? (byte)1 : (byte)0, rd, 0, 0);
                break;
            case 4 when (c & 0x1000) != 0:
                Set(ref op, Opcode.Ebreak, 0, 0, 0, 0);
                break;
            case 6:
                Set(ref op, Opcode.Sw, 0, 2, rs2, Field(c, 9, 4, 2) | Field(c, 7, 2, 6));
                break;
            case 7:
                Set(ref op, Opcode.Sd, 0, 2, rs2, Field(c, 10, 3, 3) | Field(c, 7, 3, 6));
                break;
        }
    }

    private static void Set(ref Op op, Opcode code, byte rd, byte rs1, byte rs2, long immediate) =>
        (op.Code, op.Rd, op.Rs1, op.Rs2, op.Imm) = (code, rd, rs1, rs2, immediate);

    // Moves `width` bits of the parcel, from bit `from` on, to bit `to`.
    private static uint Field(uint c, int from, int width, int to) => ((c >> from) & ((1u << width) - 1)) << to;

    private static byte Short(uint field) => (byte)(8 + (field & 7));

    private static long SignExtend(uint value, int width) => (long)((ulong)value << (64 - width)) >> (64 - width);
}
