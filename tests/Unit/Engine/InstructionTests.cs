using Verify.Engine.Execution;
using Verify.Engine.Guest;

namespace Verify.Tests.Unit.Engine;

/// <summary>Every RV64IMA instruction against results worked out by hand from the manual, through both memory implementations.</summary>
public class InstructionTests
{
    private const ulong Min = 0x8000_0000_0000_0000, Ones = ulong.MaxValue, Min32 = 0xffff_ffff_8000_0000;

    public static TheoryData<string, uint, uint, uint, ulong, ulong, ulong> RegisterCases => new()
    {
        { "add", 0x00, 0, 0x33, Ones, 2, 1 }, { "sub", 0x20, 0, 0x33, 1, 2, Ones }, { "sll", 0, 1, 0x33, 1, 65, 2 },
        { "slt", 0, 2, 0x33, Ones, 1, 1 }, { "slt equal", 0, 2, 0x33, 1, 1, 0 }, { "sltu", 0, 3, 0x33, Ones, 1, 0 },
        { "sltu less", 0, 3, 0x33, 1, Ones, 1 },
        { "xor", 0, 4, 0x33, 0xff, 0x0f, 0xf0 }, { "srl", 0, 5, 0x33, Ones, 63, 1 }, { "sra", 0x20, 5, 0x33, Min, 63, Ones },
        { "or", 0, 6, 0x33, 0xf0, 0x0f, 0xff }, { "and", 0, 7, 0x33, 0xff, 0x0f, 0x0f },
        { "addw", 0, 0, 0x3b, 0x7fffffff, 1, Min32 }, { "subw", 0x20, 0, 0x3b, 0, 1, Ones }, { "sllw", 0, 1, 0x3b, 1, 63, Min32 },
        { "srlw", 0, 5, 0x3b, Ones, 0, Ones }, { "srlw by 1", 0, 5, 0x3b, Ones, 1, 0x7fffffff }, { "sraw", 0x20, 5, 0x3b, 0x80000000, 31, Ones },
        { "mul", 1, 0, 0x33, Ones, 3, Ones - 2 }, { "mulh", 1, 1, 0x33, Ones, Ones, 0 }, { "mulhsu", 1, 2, 0x33, Ones, Ones, Ones },
        { "mulhu", 1, 3, 0x33, Ones, Ones, Ones - 1 }, { "mulhsu positive", 1, 2, 0x33, 2, Min, 1 },
        { "div", 1, 4, 0x33, unchecked((ulong)-7L), 2, unchecked((ulong)-3L) }, { "div by zero", 1, 4, 0x33, 5, 0, Ones },
        { "div overflow", 1, 4, 0x33, Min, Ones, Min },
        { "divu", 1, 5, 0x33, Ones, 2, Ones >> 1 }, { "divu by zero", 1, 5, 0x33, 5, 0, Ones },
        { "rem", 1, 6, 0x33, unchecked((ulong)-7L), 2, Ones }, { "rem by zero", 1, 6, 0x33, 5, 0, 5 }, { "rem overflow", 1, 6, 0x33, Min, Ones, 0 },
        { "remu", 1, 7, 0x33, Ones, 10, 5 }, { "remu by zero", 1, 7, 0x33, 5, 0, 5 },
        { "mulw", 1, 0, 0x3b, 0x10000, 0x8000, Min32 }, { "divw", 1, 4, 0x3b, unchecked((ulong)-7L), 2, unchecked((ulong)-3L) },
        { "divw by zero", 1, 4, 0x3b, 5, 0, Ones }, { "divw overflow", 1, 4, 0x3b, 0x80000000, Ones, Min32 },
        { "divuw", 1, 5, 0x3b, Ones, 1, Ones }, { "divuw by zero", 1, 5, 0x3b, 5, 0x1_0000_0000, Ones },
        { "remw", 1, 6, 0x3b, unchecked((ulong)-7L), 2, Ones }, { "remw by zero", 1, 6, 0x3b, 0x80000000, 0, Min32 },
        { "remw overflow", 1, 6, 0x3b, 0x80000000, Ones, 0 },
        { "remuw", 1, 7, 0x3b, 0xffffffff, 0x10, 15 }, { "remuw by zero", 1, 7, 0x3b, 0xffffffff, 0, Ones },
    };

    public static TheoryData<string, uint, uint, int, ulong, ulong> ImmediateCases => new()
    {
        { "addi", 0, 0x13, -1, 0, Ones }, { "slti", 2, 0x13, 0, Ones, 1 }, { "sltiu", 3, 0x13, -1, 5, 1 }, { "xori", 4, 0x13, -1, 0xf0, ~0xf0UL },
        { "ori", 6, 0x13, 0x7ff, 0x800, 0xfff }, { "andi", 7, 0x13, -16, 0xff, 0xf0 }, { "slli", 1, 0x13, 63, 1, Min },
        { "srli", 5, 0x13, 63, Min, 1 },
        { "srai", 5, 0x13, 0x400 | 63, Min, Ones }, { "addiw", 0, 0x1b, 1, 0x7fffffff, Min32 }, { "slliw", 1, 0x1b, 31, 1, Min32 },
        { "srliw", 5, 0x1b, 1, Ones, 0x7fffffff }, { "sraiw", 5, 0x1b, 0x400 | 1, 0x80000000, 0xffff_ffff_c000_0000 },
    };

    public static TheoryData<string, uint, ulong, ulong> LoadCases => new()
    {
        { "lb", 0, 0x80, 0xffff_ffff_ffff_ff80 }, { "lh", 1, 0x8000, 0xffff_ffff_ffff_8000 }, { "lw", 2, 0x8000_0000, Min32 },
        { "ld", 3, Min, Min }, { "lbu", 4, 0xff80, 0x80 }, { "lhu", 5, 0xf8000, 0x8000 }, { "lwu", 6, 0xf_8000_0000, 0x8000_0000 },
    };

    public static TheoryData<string, uint, ulong, ulong, ulong, ulong> AtomicCases => new()
    {
        // function, old doubleword, operand, new word, new doubleword
        { "swap", 0x01, 0x80000000, 7, 7, 7 }, { "add", 0x00, 0xffffffff, 1, 0, 0x1_0000_0000 }, { "xor", 0x04, 0xff, 0x0f, 0xf0, 0xf0 },
        { "and", 0x0c, 0xff, 0x0f, 0x0f, 0x0f }, { "or", 0x08, 0xf0, 0x0f, 0xff, 0xff }, { "min", 0x10, 0xffffffff, 1, 0xffffffff, 1 },
        { "max", 0x14, 0xffffffff, 1, 1, 0xffffffff }, { "minu", 0x18, 0xffffffff, 1, 1, 1 }, { "maxu", 0x1c, 0xffffffff, 1, 0xffffffff, 0xffffffff },
    };

    public static TheoryData<string, uint, ulong, ulong, bool> BranchCases => new()
    {
        { "beq", 0, 1, 1, true }, { "beq not", 0, 1, 2, false }, { "bne", 1, 1, 2, true }, { "bne not", 1, 1, 1, false },
        { "blt", 4, Ones, 0, true }, { "blt not", 4, 0, 0, false }, { "bge", 5, 0, 0, true }, { "bge not", 5, Ones, 0, false },
        { "bltu", 6, 0, Ones, true }, { "bltu not", 6, Ones, 0, false }, { "bgeu", 7, Ones, 0, true }, { "bgeu not", 7, 0, Ones, false },
    };

    [Theory]
    [MemberData(nameof(RegisterCases))]
    public void A_register_instruction_gives_the_result_of_the_manual(
        string name, uint funct7, uint funct3, uint opcode, ulong a, ulong b, ulong expected)
    {
        Check(name, expected, a, b, Guests.R(funct7, funct3, opcode, 12, 10, 11));
    }

    [Theory]
    [MemberData(nameof(ImmediateCases))]
    public void An_immediate_instruction_gives_the_result_of_the_manual(string name, uint funct3, uint opcode, int imm, ulong a, ulong expected)
    {
        Check(name, expected, a, 0, Guests.I(imm, funct3, opcode, 12, 10));
    }

    [Theory]
    [MemberData(nameof(LoadCases))]
    public void A_load_extends_what_was_stored(string name, uint funct3, ulong stored, ulong expected)
    {
        const int Aligned = 256, Misaligned = 259;
        foreach (int offset in new[] { Aligned, Misaligned })
        {
            Check(name, expected, Guests.Start, stored, Guests.S(offset, 3, 10, 11), Guests.I(offset, funct3, 0x03, 12, 10));
        }
    }

    [Theory]
    [InlineData(0, 0xffff_ffff_ffff_ff11)]
    [InlineData(1, 0xffff_ffff_ffff_2211)]
    [InlineData(2, 0xffff_ffff_4433_2211)]
    [InlineData(3, 0x8877_6655_4433_2211)]
    public void A_store_writes_its_bytes_and_no_others(uint funct3, ulong expected)
    {
        foreach (int offset in new[] { 256, 259, GuestRam.PageSize / 2 - 3 })
        {
            Check("store", expected, Guests.Start, 0x8877_6655_4433_2211,
                Guests.Addi(13, 0, -1), Guests.S(offset, 3, 10, 13), Guests.S(offset, funct3, 10, 11), Guests.I(offset, 3, 0x03, 12, 10));
        }
    }

    [Theory]
    [MemberData(nameof(AtomicCases))]
    public void An_amo_returns_the_old_value_and_stores_the_new_one(
        string name, uint function, ulong old, ulong operand, ulong word, ulong doubleword)
    {
        foreach ((uint funct3, ulong returned, ulong left) in new[] { (2u, (ulong)(int)old,
            (old & 0xffff_ffff_0000_0000) | word), (3u, old, doubleword) })
        {
            uint[] program =
            [
                Guests.Addi(14, 10, 256), Guests.S(256, 3, 10, 11), // memory = old; then operand in x15
                Guests.R(function << 2, funct3, 0x2f, 12, 14, 15), Guests.I(256, 3, 0x03, 13, 10),
            ];
            Machine[] machines = RunOnBoth(cpu => (cpu.X[10], cpu.X[11], cpu.X[15]) = (Guests.Start, old, operand), program);
            Assert.All(machines, machine => Assert.Equal((name, returned, left), (name, machine.Cpus[0].X[12], machine.Cpus[0].X[13])));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_store_conditional_succeeds_once_after_its_load_reserved(uint width)
    {
        uint lr = Guests.R(0x02 << 2, width, 0x2f, 12, 10, 0), sc = Guests.R(0x03 << 2, width, 0x2f, 13, 10, 11);
        uint again = Guests.R(0x03 << 2, width, 0x2f, 14, 10, 11);
        Machine[] machines = RunOnBoth(cpu => (cpu.X[10], cpu.X[11]) = (Guests.Start + 256, 42), lr, sc, again, Guests.I(0, 3, 0x03, 15, 10));
        Assert.All(machines, machine => Assert.Equal((0UL, 0UL, 1UL, 42UL), (machine.Cpus[0].X[12], machine.Cpus[0].X[13],
            machine.Cpus[0].X[14], machine.Cpus[0].X[15])));
    }

    [Fact]
    public void A_store_conditional_fails_if_the_value_changed()
    {
        uint lr = Guests.R(0x02 << 2, 3, 0x2f, 12, 10, 0), sc = Guests.R(0x03 << 2, 3, 0x2f, 13, 10, 11);
        Machine[] machines = RunOnBoth(cpu => (cpu.X[10], cpu.X[11]) = (Guests.Start + 256, 42), lr, Guests.S(0, 3, 10, 10), sc);
        Assert.All(machines, machine => Assert.Equal(1UL, machine.Cpus[0].X[13]));
    }

    [Theory]
    [MemberData(nameof(BranchCases))]
    public void A_branch_is_taken_when_the_manual_says_so(string name, uint funct3, ulong a, ulong b, bool taken)
    {
        Check(name, taken ? 1UL : 3, a, b, Guests.Addi(12, 0, 1), Guests.B(8, funct3, 10, 11), Guests.Addi(12, 12, 2));
    }

    [Fact]
    public void A_backward_jump_links_and_returns()
    {
        // 0: j +8; 4: jr x1; 8: jal x1, -4; 12: ...
        Machine[] machines = RunOnBoth(_ => { }, Guests.J(8, 0), Guests.I(0, 0, 0x67, 0, 1), Guests.J(-4, 1));
        Assert.All(machines, machine => Assert.Equal((Guests.Start + 12, 5L), (machine.Cpus[0].X[1], machine.Cpus[0].Instructions)));
    }

    [Fact]
    public void Upper_immediates_and_the_pc_are_sign_extended_to_64_bits()
    {
        Check("lui", Min32, 0, 0, 0x80000637); // lui x12, 0x80000
        Check("auipc", Guests.Start + 0x1004, 0, 0, Guests.Nop, 0x00001617); // auipc x12, 1
    }

    [Fact]
    public void A_hart_reads_its_number_and_its_count_of_instructions()
    {
        Check("mhartid", 0, 7, 0, 0xf1402673); // csrr x12, mhartid
        Check("instret", 2, 0, 0, Guests.Nop, Guests.Nop, 0xc0202673);
    }

    [Fact]
    public void Register_zero_stays_zero() => Check("x0", 0, 5, 0, Guests.Addi(0, 10, 1), Guests.Addi(12, 0, 0));

    [Theory]
    [InlineData(0x00000000u)]
    [InlineData(0xffffffffu)]
    [InlineData(0x40001013u)] // slli with a bit of srai
    [InlineData(0x02000013u | (1 << 12) | (0x20u << 26))]
    [InlineData(0x00003063u)] // branch with funct3 3 is not defined: 010
    public void What_is_not_an_instruction_decodes_to_illegal(uint word)
    {
        if ((word & 0x7f) == 0x63)
        {
            word = (word & ~0x7000u) | 0x2000;
        }

        Assert.Equal(Opcode.Illegal, Decoder.Decode(word).Code);
    }

    private static void Check(string name, ulong expected, ulong a, ulong b, params uint[] program)
    {
        Machine[] machines = RunOnBoth(cpu => (cpu.X[10], cpu.X[11]) = (a, b), program);
        Assert.All(machines, machine => Assert.Equal((name, expected), (name, machine.Cpus[0].X[12])));
    }

    private static Machine[] RunOnBoth(Action<VCpu> setUp, params uint[] program)
    {
        GuestImage image = Guests.Program([.. program, Guests.Addi(17, 0, 93), Guests.Ecall]);
        Machine[] machines = [Guests.Machine<PlainMemory>(image, Guests.Small), Guests.Machine<OrderedMemory>(image, Guests.Small)];
        foreach (Machine machine in machines)
        {
            using (machine)
            {
                setUp(machine.Cpus[0]);
                machine.Run();
                Assert.Null(machine.Fault);
            }
        }

        return machines;
    }
}
