using FsCheck;
using FsCheck.Fluent;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Tests.Unit.Engine;
using Verify.Tests.Unit.Guest;

namespace Verify.Tests.Unit.Fuzz;

/// <summary>A leaf of a random page table: what maps a page of <see cref="FuzzProgram.Window"/>.</summary>
public sealed record FuzzLeaf(int Page, int Frame, ushort Flags, int Level);

/// <summary>A random guest: code, what the registers hold, page tables, privileged state, and a machine that is too small for it.</summary>
public sealed record FuzzProgram(
    uint[] Code, uint[] Handler, FuzzLeaf[] Leaves, int[] Registers, ushort Delegation, byte Setup, byte Shape, int Strategy)
{
    public const int RamPages = 24, Limit = 600;

    /// <summary>Virtual address of the first of 16 pages that random page tables map, two of them across a boundary of 2 MiB.</summary>
    public const ulong Window = 0x4020_0000 - (2 * GuestRam.PageSize);

    private const ulong HandlerAt = Guests.Start + (2 * GuestRam.PageSize), Root = Guests.Start + (8 * GuestRam.PageSize);

    /// <summary>What registers x5 to x12 are chosen from: edges of pages, of RAM, devices, tables, nothing.</summary>
    private static readonly ulong[] s_values =
    [
        Guests.Start, Guests.Start + 0x20, Guests.Start + GuestRam.PageSize - 3, HandlerAt, Guests.Start + (RamPages * GuestRam.PageSize) - 4,
        Root, Root + (3 * GuestRam.PageSize), 0x0200_0000, 0x0200_4000, 0x0200_bff8, 0x1000_0000, 0, 1, ulong.MaxValue - 3, 0x8000_0000_0000_0000,
        Window, Window + (2 * GuestRam.PageSize) - 2, Window + 0x10, Window + (5 * GuestRam.PageSize) - 5, (8UL << 60) | (Root >> 12), 0x1800, 0xf,
    ];

    public int Cpus => (Shape & 7) == 7 ? 2 : 1;

    public MachineOptions Options => new()
    {
        Cpus = Cpus,
        RamSize = RamPages * GuestRam.PageSize,
        TbCapacity = 2 + (Shape >> 3 & 7),
        CodeCapacity = (Shape & 0x40) != 0 ? 3 + (Shape & 7) : null,
        MaxTbInstructions = (Shape & 0x80) != 0 ? 1 + (Shape & 3) : 64,
        BlocksSpanPages = (Setup & 0x80) != 0,
        JumpCacheBits = Shape & 3,
        InstructionLimit = Limit,
    };

    public static Gen<FuzzProgram> Generator { get; } =
        from code in Instruction.ArrayOf()
        from handler in Instruction.ArrayOf(6)
        from leaves in Leaf.ArrayOf(10)
        from registers in Gen.Choose(0, s_values.Length - 1).ArrayOf(8)
        from delegation in Gen.Choose(0, ushort.MaxValue)
        from setup in Gen.Choose(0, 255)
        from shape in Gen.Choose(0, 255)
        from strategy in Gen.Choose(0, 1000)
        select new FuzzProgram(code, handler, leaves, registers, (ushort)delegation, (byte)setup, (byte)shape, strategy);

    private static Gen<uint> Word => from high in Gen.Choose(0, ushort.MaxValue) from low in Gen.Choose(0, ushort.MaxValue) select ((uint)high << 16) | (uint)low;

    private static Gen<FuzzLeaf> Leaf =>
        from page in Gen.Choose(0, 15)
        from frame in Gen.Choose(-1, RamPages)
        from flags in Gen.Frequency((6, Gen.Choose(0, 255).Select(f => f | 1)), (1, Gen.Choose(0, 1023)))
        from level in Gen.Frequency((8, Gen.Constant(0)), (1, Gen.Constant(1)), (1, Gen.Constant(2)))
        select new FuzzLeaf(page, frame, (ushort)flags, level);

    // Any word; any two parcels; or a word of a kind that does something, with registers that hold something.
    private static Gen<uint> Instruction => Gen.Frequency(
        (3, Word),
        (3, from w in Word select (w & 0xfffc_fffc) | (w % 3) | ((w / 3 % 3) << 16)),
        (6, from w in Word select w % 2 == 0 ? WithRegisters(w) | 0x13u : WithRegisters(w & 0x42ff_ffff) | 0x33u),
        (6, from w in Word select WithRegisters(w & 0x01ff_ffff) | (w % 2 == 0 ? 0x03u : 0x23u)),
        (3, from w in Word from offset in Gen.Choose(-16, 31) select Guests.B(2 * offset, w & 7, 5 + (int)((w >> 3) & 7), (int)((w >> 6) & 15))),
        (1, from offset in Gen.Choose(-16, 31) from rd in Gen.Choose(0, 15) select Guests.J(2 * offset, rd)),
        (1, from w in Word select WithRegisters(w & 0x00ff_ffff & ~0x7000u) | 0x67),
        (3, from w in Word
            from csr in Gen.Elements(
                CsrNumber.Mstatus, CsrNumber.Satp, CsrNumber.Mepc, CsrNumber.Sepc, CsrNumber.Mtvec, CsrNumber.Stvec, CsrNumber.Medeleg, CsrNumber.Sstatus,
                CsrNumber.Mie, CsrNumber.Mip, CsrNumber.Mideleg, CsrNumber.Pmpcfg0, CsrNumber.Pmpaddr0, CsrNumber.Time, CsrNumber.Minstret, CsrNumber.Mcause)
            select ((uint)csr << 20) | (WithRegisters(w) & 0x000f_ff80) | 0x73),
        (2, Gen.Elements(Guests.Ecall, Guests.Ebreak, 0x3020_0073u, 0x1020_0073u, 0x1200_0073u, Guests.FenceI, 0x0100_000fu)),
        (1, Gen.Elements(0x1050_0073u, 0x0ff0_000fu)),
        (2, from w in Word select (WithRegisters(w) & ~0x7000u) | (w % 2 == 0 ? 0x2000u : 0x3000u) | 0x2f));

    private static uint WithRegisters(uint word) => (word & ~0x000f_ff80u & ~0x7fu) | (((word >> 7) & 15) << 7) | (word & 0x7000) | ((5 + ((word >> 15) & 7)) << 15);

    /// <summary>Writes code and tables into RAM and sets the harts up.</summary>
    public void Load(Machine machine)
    {
        PageTables tables = new(machine.Ram, Root);
        foreach (FuzzLeaf leaf in Leaves)
        {
            ulong address = (Window + ((ulong)leaf.Page << GuestRam.PageBits)) & ~((1UL << (12 + (9 * leaf.Level))) - 1);
            ulong frame = leaf.Level > 0 ? Guests.Start : Guests.Start + ((ulong)leaf.Frame << GuestRam.PageBits);
            tables.TryMap(address, frame, leaf.Flags, leaf.Level);
        }

        Write(machine, Guests.Start, Code);
        Write(machine, HandlerAt, Handler);
        Write(machine, Guests.Start + (2 * GuestRam.PageSize) - 6, Handler); // across a page
        foreach (VCpu cpu in machine.Cpus)
        {
            Hart hart = cpu.Hart;
            hart.Write(CsrNumber.Mtvec, (Setup & 1) != 0 ? HandlerAt : (Setup & 2) != 0 ? 0x10UL : 0UL, 0);
            hart.Write(CsrNumber.Stvec, (Setup & 4) != 0 ? HandlerAt : Window, 0);
            hart.Write(CsrNumber.Medeleg, Delegation, 0);
            hart.Write(CsrNumber.Pmpaddr0, ulong.MaxValue, 0);
            hart.Write(CsrNumber.Pmpcfg0, 0x1f, 0);
            hart.Write(CsrNumber.Satp, (Setup & 8) != 0 ? tables.Satp : 0, 0);
            for (int i = 0; i < Registers.Length; i++)
            {
                cpu.X[5 + i] = s_values[Registers[i]];
            }

            cpu.Pc = (Setup & 0x40) != 0 ? Window + 0x10 : Guests.Start;
            if ((Setup & 0x30) != 0)
            {
                Guests.Enter(hart, (Setup & 0x10) != 0 ? Privilege.Supervisor : Privilege.User, cpu.Pc);
            }

            cpu.FlushTranslations();
            cpu.StatusChanged();
        }
    }

    public override string ToString() =>
        $"setup {Setup:x2} shape {Shape:x2} strategy {Strategy} delegation {Delegation:x4} registers [{string.Join(' ', Registers)}]\n" +
        $"code {string.Join(' ', Code.Select(w => w.ToString("x8")))}\nhandler {string.Join(' ', Handler.Select(w => w.ToString("x8")))}\n" +
        $"leaves {string.Join<FuzzLeaf>(", ", Leaves)}";

    private static void Write(Machine machine, ulong address, uint[] words)
    {
        foreach (uint word in words)
        {
            BitConverter.TryWriteBytes(machine.Ram.Slice(address, 4), word);
            address += 4;
        }
    }
}
