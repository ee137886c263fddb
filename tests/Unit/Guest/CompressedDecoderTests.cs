using Verify.Engine.Guest;

namespace Verify.Tests.Unit.Guest;

/// <summary>RV64C against what the GNU assembler (binutils 2.40) makes of a compressed instruction and of the one it abbreviates.</summary>
public class CompressedDecoderTests
{
    public static TheoryData<string, ushort, uint> Pairs => new()
    {
        { "c.addi4spn x13, sp, 844", 0x06f4, 0x34c10693 }, { "c.lw x13, 64(x10)", 0x4134, 0x04052683 }, { "c.sw x13, 0(x10)", 0xc114, 0x00d52023 },
        { "c.ld x13, 240(x10)", 0x7974, 0x0f053683 }, { "c.sd x13, 0(x10)", 0xe114, 0x00d53023 }, { "c.addi x13, -32", 0x1681, 0xfe068693 },
        { "c.addiw x13, -32", 0x3681, 0xfe06869b }, { "c.li x13, -32", 0x5681, 0xfe000693 }, { "c.addi16sp sp, 496", 0x617d, 0x1f010113 },
        { "c.lui x15, 1", 0x6785, 0x000017b7 }, { "c.srli x13, 31", 0x82fd, 0x01f6d693 }, { "c.srai x13, 1", 0x8685, 0x4016d693 },
        { "c.andi x13, -32", 0x9a81, 0xfe06f693 }, { "c.sub x13, x10", 0x8e89, 0x40a686b3 }, { "c.xor x13, x10", 0x8ea9, 0x00a6c6b3 },
        { "c.or x13, x10", 0x8ec9, 0x00a6e6b3 }, { "c.and x13, x10", 0x8ee9, 0x00a6f6b3 }, { "c.subw x13, x10", 0x9e89, 0x40a686bb },
        { "c.addw x13, x10", 0x9ea9, 0x00a686bb }, { "c.j .+2046", 0xaffd, 0x7fe0006f }, { "c.beqz x13, .-226", 0xde99, 0xf0068fe3 },
        { "c.bnez x13, .-2", 0xfefd, 0xfe069fe3 }, { "c.slli x13, 1", 0x0686, 0x00169693 }, { "c.lwsp x13, 148(sp)", 0x46da, 0x09412683 },
        { "c.ldsp x13, 0(sp)", 0x6682, 0x00013683 }, { "c.swsp x13, 4(sp)", 0xc236, 0x00d12223 }, { "c.sdsp x13, 24(sp)", 0xec36, 0x00d13c23 },
        { "c.jr x13", 0x8682, 0x00068067 }, { "c.jalr x13", 0x9682, 0x000680e7 }, { "c.mv x13, x21", 0x86d6, 0x015006b3 },
        { "c.add x13, x21", 0x96d6, 0x015686b3 }, { "c.addi4spn x10, sp, 316", 0x1a68, 0x13c10513 }, { "c.lw x10, 4(x12)", 0x4248, 0x00462503 },
        { "c.sw x10, 16(x12)", 0xca08, 0x00a62823 }, { "c.ld x10, 8(x12)", 0x6608, 0x00863503 }, { "c.sd x10, 0(x12)", 0xe208, 0x00a63023 },
        { "c.addi x14, -17", 0x173d, 0xfef70713 }, { "c.addiw x14, -17", 0x373d, 0xfef7071b }, { "c.li x14, -17", 0x573d, 0xfef00713 },
        { "c.addi16sp sp, -512", 0x7101, 0xe0010113 }, { "c.lui x20, 1", 0x6a05, 0x00001a37 }, { "c.srli x10, 31", 0x817d, 0x01f55513 },
        { "c.srai x10, 63", 0x957d, 0x43f55513 }, { "c.andi x10, -17", 0x993d, 0xfef57513 }, { "c.sub x10, x12", 0x8d11, 0x40c50533 },
        { "c.xor x10, x12", 0x8d31, 0x00c54533 }, { "c.or x10, x12", 0x8d51, 0x00c56533 }, { "c.and x10, x12", 0x8d71, 0x00c57533 },
        { "c.subw x10, x12", 0x9d11, 0x40c5053b }, { "c.addw x10, x12", 0x9d31, 0x00c5053b }, { "c.j .+738", 0xa4cd, 0x2e20006f },
        { "c.beqz x10, .+2", 0xc109, 0x00050163 }, { "c.bnez x10, .-18", 0xf57d, 0xfe0517e3 }, { "c.slli x14, 63", 0x177e, 0x03f71713 },
        { "c.lwsp x14, 128(sp)", 0x470a, 0x08012703 }, { "c.ldsp x14, 8(sp)", 0x6722, 0x00813703 }, { "c.swsp x14, 4(sp)", 0xc23a, 0x00e12223 },
        { "c.sdsp x14, 48(sp)", 0xf83a, 0x02e13823 }, { "c.jr x14", 0x8702, 0x00070067 }, { "c.jalr x14", 0x9702, 0x000700e7 },
        { "c.mv x14, x5", 0x8716, 0x00500733 }, { "c.add x14, x5", 0x9716, 0x00570733 }, { "c.addi4spn x12, sp, 4", 0x0050, 0x00410613 },
        { "c.lw x12, 16(x15)", 0x4b90, 0x0107a603 }, { "c.sw x12, 4(x15)", 0xc3d0, 0x00c7a223 }, { "c.ld x12, 64(x15)", 0x63b0, 0x0407b603 },
        { "c.sd x12, 248(x15)", 0xfff0, 0x0ec7bc23 }, { "c.addi x29, 1", 0x0e85, 0x001e8e93 }, { "c.addiw x29, 1", 0x2e85, 0x001e8e9b },
        { "c.li x29, 1", 0x4e85, 0x00100e93 }, { "c.lui x23, 1", 0x6b85, 0x00001bb7 }, { "c.srli x12, 32", 0x9201, 0x02065613 },
        { "c.srai x12, 32", 0x9601, 0x42065613 }, { "c.andi x12, 1", 0x8a05, 0x00167613 }, { "c.sub x12, x15", 0x8e1d, 0x40f60633 },
        { "c.xor x12, x15", 0x8e3d, 0x00f64633 }, { "c.or x12, x15", 0x8e5d, 0x00f66633 }, { "c.and x12, x15", 0x8e7d, 0x00f67633 },
        { "c.subw x12, x15", 0x9e1d, 0x40f6063b }, { "c.addw x12, x15", 0x9e3d, 0x00f6063b }, { "c.j .+2", 0xa009, 0x0020006f },
        { "c.beqz x12, .+254", 0xce7d, 0x0e060f63 }, { "c.bnez x12, .+254", 0xee7d, 0x0e061f63 }, { "c.slli x29, 1", 0x0e86, 0x001e9e93 },
        { "c.lwsp x29, 0(sp)", 0x4e82, 0x00012e83 }, { "c.ldsp x29, 128(sp)", 0x6e8a, 0x08013e83 }, { "c.swsp x29, 0(sp)", 0xc076, 0x01d12023 },
        { "c.sdsp x29, 128(sp)", 0xe176, 0x09d13023 }, { "c.jr x29", 0x8e82, 0x000e8067 }, { "c.jalr x29", 0x9e82, 0x000e80e7 },
        { "c.mv x29, x11", 0x8eae, 0x00b00eb3 }, { "c.add x29, x11", 0x9eae, 0x00be8eb3 }, { "c.addi4spn x15, sp, 1020", 0x1ffc, 0x3fc10793 },
        { "c.lw x15, 4(x12)", 0x425c, 0x00462783 }, { "c.sw x15, 0(x12)", 0xc21c, 0x00f62023 }, { "c.ld x15, 0(x12)", 0x621c, 0x00063783 },
        { "c.sd x15, 64(x12)", 0xe23c, 0x04f63023 }, { "c.addi x23, -32", 0x1b81, 0xfe0b8b93 }, { "c.addiw x23, -32", 0x3b81, 0xfe0b8b9b },
        { "c.li x23, -32", 0x5b81, 0xfe000b93 }, { "c.addi16sp sp, -16", 0x717d, 0xff010113 }, { "c.lui x14, 1048575", 0x777d, 0xfffff737 },
        { "c.srli x15, 63", 0x93fd, 0x03f7d793 }, { "c.srai x15, 1", 0x8785, 0x4017d793 }, { "c.andi x15, -32", 0x9b81, 0xfe07f793 },
        { "c.sub x15, x12", 0x8f91, 0x40c787b3 }, { "c.xor x15, x12", 0x8fb1, 0x00c7c7b3 }, { "c.or x15, x12", 0x8fd1, 0x00c7e7b3 },
        { "c.and x15, x12", 0x8ff1, 0x00c7f7b3 }, { "c.subw x15, x12", 0x9f91, 0x40c787bb }, { "c.addw x15, x12", 0x9fb1, 0x00c787bb },
        { "c.beqz x15, .-52", 0xd7f1, 0xfc0786e3 }, { "c.bnez x15, .-2", 0xfffd, 0xfe079fe3 }, { "c.slli x23, 63", 0x1bfe, 0x03fb9b93 },
        { "c.lwsp x23, 224(sp)", 0x5b8e, 0x0e012b83 }, { "c.ldsp x23, 504(sp)", 0x7bfe, 0x1f813b83 }, { "c.swsp x23, 252(sp)", 0xdfde, 0x0f712e23 },
        { "c.sdsp x23, 8(sp)", 0xe45e, 0x01713423 }, { "c.jr x23", 0x8b82, 0x000b8067 }, { "c.jalr x23", 0x9b82, 0x000b80e7 },
        { "c.mv x23, x13", 0x8bb6, 0x00d00bb3 }, { "c.add x23, x13", 0x9bb6, 0x00db8bb3 }, { "c.nop", 0x0001, 0x00000013 },
        { "c.ebreak", 0x9002, 0x00100073 },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_compressed_instruction_decodes_to_the_one_it_abbreviates(string text, ushort parcel, uint word)
    {
        Assert.Equal((text, Fields(Decoder.Decode(word))), (text, Fields(CompressedDecoder.Decode(parcel))));
        Assert.Equal((byte)2, CompressedDecoder.Decode(parcel).Length);

        // Only what the op uses: elsewhere a word has bits of its immediate, or itself.
        static (Opcode, int Rd, int Rs1, int Rs2, long Imm) Fields(Op op)
        {
            bool isStoreOrBranch = op.Code is Opcode.Sw or Opcode.Sd or Opcode.Beq or Opcode.Bne;
            bool readsTwo = isStoreOrBranch || op.Code is Opcode.Add or Opcode.Sub or Opcode.Xor or Opcode.Or or Opcode.And or Opcode.Addw or Opcode.Subw;
            bool readsOne = op.Code is not (Opcode.Lui or Opcode.Jal or Opcode.Ebreak);
            return (op.Code, isStoreOrBranch || op.Code == Opcode.Ebreak ? 0 : op.Rd, readsOne ? op.Rs1 : 0, readsTwo ? op.Rs2 : 0,
                op.Code == Opcode.Ebreak ? 0 : op.Imm);
        }
    }

    /// <summary>The numbers are those of objdump without F and D; but for 0x6001, c.lui x0 of zero, reserved by the manual.</summary>
    [Fact]
    public void Exactly_the_reserved_and_floating_point_encodings_are_illegal()
    {
        int[,] legal =
        {
            { 2040, 0, 2048, 2048, 0, 0, 2048, 2048 },
            { 2048, 1984, 2048, 2016, 1920, 2048, 2048, 2048 },
            { 2048, 0, 1984, 1984, 2047, 0, 2048, 2048 },
        };
        int[,] found = new int[3, 8];
        for (int parcel = 0; parcel <= ushort.MaxValue; parcel++)
        {
            if ((parcel & 3) != 3)
            {
                Op op = CompressedDecoder.Decode((ushort)parcel);
                found[parcel & 3, parcel >> 13] += op.Code == Opcode.Illegal ? 0 : 1;
                Assert.True(op.Rd is > 0 and <= Op.Sink && op.Rs1 < 32 && op.Rs2 < 32 && op.Length == 2);
            }
        }

        Assert.Equal(legal, found);
    }

    [Theory]
    [InlineData(0x0000)] // defined illegal
    [InlineData(0x2001)] // c.addiw x0
    [InlineData(0x6101)] // c.addi16sp of 0
    [InlineData(0x6081)] // c.lui x1 of 0
    [InlineData(0x4002)] // c.lwsp x0
    [InlineData(0x6002)] // c.ldsp x0
    [InlineData(0x8002)] // c.jr x0
    [InlineData(0x9c41)] // reserved beside c.subw
    [InlineData(0x2000)] // c.fld
    public void An_illegal_parcel_carries_itself_for_mtval(int parcel)
    {
        Op op = CompressedDecoder.Decode((ushort)parcel);
        Assert.Equal((Opcode.Illegal, (long)parcel), (op.Code, op.Imm));
    }
}
