using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Memory;
using Verify.Engine.Translation;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Guest;

/// <summary>Exceptions as a guest sees them: exact mepc and mtval, in the middle of a block, with nothing of the instruction done.</summary>
public sealed class TrapTests : IDisposable
{
    private const ulong Handler = Guests.Start + 0x3000, Code = Guests.Start;
    private const ulong Root = Guests.Start + 0x10_0000, Frame = Guests.Start + 0x20_0000, Va = 0x1000_0000, UserVa = 0x2000_0000;
    private const uint Lr = 0x1005_352f; // lr.d a0, (a0)

    private readonly Machine _machine = Guests.Machine<OrderedMemory>(Guests.Program(Guests.Nop), Guests.Small with { RamSize = 4 << 20 });
    private readonly PageTables _tables;

    public TrapTests()
    {
        Csr(CsrNumber.Mtvec, Handler);
        Csr(CsrNumber.Pmpaddr0, ulong.MaxValue);
        Csr(CsrNumber.Pmpcfg0, 0x1f);
        _tables = new PageTables(_machine.Ram, Root);
    }

    private VCpu Cpu => _machine.Cpus[0];

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(0x0000_0000u, TrapCause.IllegalInstruction, 0UL)]
    [InlineData(0xffff_ffffu, TrapCause.IllegalInstruction, 0xffff_ffffUL)]
    [InlineData(0x0000_2001u, TrapCause.IllegalInstruction, 0x2001UL)]          // c.addiw x0, reserved: mtval is the parcel alone
    [InlineData(0x7c00_2573u, TrapCause.IllegalInstruction, 0x7c00_2573UL)]     // csrr a0, 0x7c0
    [InlineData(0xf140_1073u, TrapCause.IllegalInstruction, 0xf140_1073UL)]     // csrw mhartid, x0
    [InlineData(Guests.Ebreak, TrapCause.Breakpoint, Code + 8)]
    [InlineData(0x0000_9002u, TrapCause.Breakpoint, Code + 8)]                  // c.ebreak
    [InlineData(Guests.Ecall, TrapCause.MachineEcall, 0UL)]
    [InlineData(0x0005_3503u, TrapCause.LoadAccess, 5UL)]                       // ld a0, 0(a0), where nothing is, misaligned or not
    [InlineData(0x00b5_3023u, TrapCause.StoreAccess, 5UL)]                      // sd a1, 0(a0)
    [InlineData(Lr, TrapCause.LoadMisaligned, 5UL)]
    [InlineData(0x18b5_352fu, TrapCause.StoreMisaligned, 5UL)]                  // sc.d a0, a1, (a0)
    [InlineData(0x00b5_352fu, TrapCause.StoreMisaligned, 5UL)]                  // amoadd.d a0, a1, (a0)
    public void An_exception_in_the_middle_of_a_block_is_exact(uint word, TrapCause cause, ulong value)
    {
        Write(Code, Guests.Addi(10, 0, 5), Guests.Addi(11, 0, 7), word, Guests.Addi(11, 0, 9));
        Run(4);
        bool misalignedDevice = cause is TrapCause.LoadAccess or TrapCause.StoreAccess;
        Assert.Equal((Code + 8, (ulong)cause, value), (Cpu.Hart.Mepc, Cpu.Hart.Mcause, Cpu.Hart.Mtval));
        Assert.Equal((Handler, 5UL, 7UL, 2L), (Cpu.Pc, Cpu.X[10], Cpu.X[11], Cpu.Instructions));
        Assert.True(!misalignedDevice || value == 5);
    }

    [Fact]
    public void A_jump_to_where_nothing_is_faults_at_the_target()
    {
        Write(Code, Guests.Addi(10, 0, 0x100), Guests.I(3, 0, 0x67, 1, 10)); // jalr ra, 3(a0): bit 0 is cleared
        Run(2);
        Assert.Equal((0x102UL, Code + 8), (Cpu.Pc, Cpu.X[1]));
        Run(1);
        Assert.Equal((0x102UL, (ulong)TrapCause.FetchAccess, 0x102UL, Handler), (Cpu.Hart.Mepc, Cpu.Hart.Mcause, Cpu.Hart.Mtval, Cpu.Pc));
    }

    [Fact]
    public void A_long_instruction_across_the_end_of_RAM_faults_at_its_missing_half()
    {
        ulong last = _machine.Ram.Start + _machine.Ram.Size - 2;
        BitConverter.TryWriteBytes(_machine.Ram.Slice(last, 2), (ushort)0x0013);
        Cpu.Pc = last;
        Run(1);
        Assert.Equal((last, (ulong)TrapCause.FetchAccess), (Cpu.Hart.Mepc, Cpu.Hart.Mcause));
        Assert.Equal(last + 2, Cpu.Hart.Mtval);
    }

    [Fact]
    public void An_ecall_names_the_mode_it_came_from()
    {
        Write(Code, Guests.Ecall);
        foreach (Privilege privilege in new[] { Privilege.User, Privilege.Supervisor, Privilege.Machine })
        {
            Enter(privilege, Code);
            Run(1);
            Assert.Equal((ulong)TrapCause.UserEcall + (ulong)privilege, Cpu.Hart.Mcause);
            Assert.Equal((Privilege.Machine, (ulong)privilege), (Cpu.Hart.Privilege, (Cpu.Hart.Mstatus & StatusBit.Mpp) >> StatusBit.MppShift));
        }
    }

    [Theory]
    [InlineData(0x3020_0073u)] // mret
    [InlineData(0x1020_0073u)] // sret
    [InlineData(0x1050_0073u)] // wfi
    [InlineData(0x1200_0073u)] // sfence.vma
    [InlineData(0x1800_2573u)] // csrr a0, satp
    [InlineData(0x3000_2573u)] // csrr a0, mstatus
    public void What_user_mode_may_not_do_is_illegal_there(uint word)
    {
        Write(Code, word);
        Enter(Privilege.User, Code);
        Run(1);
        Assert.Equal(((ulong)TrapCause.IllegalInstruction, (ulong)word, Code), (Cpu.Hart.Mcause, Cpu.Hart.Mtval, Cpu.Hart.Mepc));
    }

    [Theory]
    [InlineData(0x0000_3503u, 0, TrapCause.LoadPageFault)]
    [InlineData(0x0000_3503u, -3, TrapCause.LoadPageFault)] // begins in a mapped page
    [InlineData(0x00b0_3023u, 0, TrapCause.StorePageFault)]
    [InlineData(0x00b0_3023u, -3, TrapCause.StorePageFault)]
    public void A_page_fault_names_the_address_that_has_no_page_and_moves_no_byte(uint word, int offset, TrapCause cause)
    {
        _tables.Map(Va, Code, PageTables.All);
        _tables.Map(UserVa, Frame, PageTables.All);
        Write(Code, word | (10 << 15));
        EnterTranslated(Va);
        ulong address = UserVa + GuestRam.PageSize + (ulong)offset;
        (Cpu.X[10], Cpu.X[11]) = (address, ulong.MaxValue);
        Run(1);
        Assert.Equal(((ulong)cause, UserVa + GuestRam.PageSize, Va), (Cpu.Hart.Mcause, Cpu.Hart.Mtval, Cpu.Hart.Mepc));
        Assert.Equal(address, Cpu.X[10]);
        Assert.Equal(0, _machine.Ram.Slice(Frame, GuestRam.PageSize).IndexOfAnyExcept((byte)0) + 1);
    }

    [Fact]
    public void A_misaligned_store_across_two_pages_that_are_far_apart_reaches_both()
    {
        _tables.Map(Va, Code, PageTables.All);
        _tables.Map(UserVa, Frame, PageTables.All);
        _tables.Map(UserVa + GuestRam.PageSize, Frame - GuestRam.PageSize, PageTables.All);
        Write(Code, Guests.S(0, 3, 10, 11), Guests.I(0, 3, 0x03, 12, 10));
        EnterTranslated(Va);
        (Cpu.X[10], Cpu.X[11]) = (UserVa + GuestRam.PageSize - 3, 0x8877_6655_4433_2211);
        Run(2);
        Assert.Equal(0x8877_6655_4433_2211, Cpu.X[12]);
        Assert.Equal<byte>([0x11, 0x22, 0x33], _machine.Ram.Slice(Frame + GuestRam.PageSize - 3, 3).ToArray());
        Assert.Equal<byte>([0x44, 0x55, 0x66, 0x77, 0x88, 0], _machine.Ram.Slice(Frame - GuestRam.PageSize, 6).ToArray());
    }

    [Fact]
    public void An_instruction_across_two_pages_runs_and_faults_at_the_second_page_when_that_is_taken_away()
    {
        ulong end = Va + GuestRam.PageSize;
        _tables.Map(Va, Code, PageTables.All);
        ulong second = _tables.Map(end, Frame, PageTables.All);
        uint word = Guests.Addi(10, 10, 1);
        BitConverter.TryWriteBytes(_machine.Ram.Slice(Code + GuestRam.PageSize - 2, 2), (ushort)word);
        BitConverter.TryWriteBytes(_machine.Ram.Slice(Frame, 2), (ushort)(word >> 16));
        Write(Handler, Guests.Nop);
        EnterTranslated(end - 2);
        TranslationBlock tb = _machine.TbFind(Cpu)!;
        Assert.Equal((PageOf(Code), PageOf(Frame)), (tb.Page0, tb.Page1));
        Run(1);
        Assert.Equal((1UL, end + 2), (Cpu.X[10], Cpu.Pc));

        // Another second page: the block made from the old one must not be found, though its first page has not changed.
        _tables.Write(second, (((Frame + GuestRam.PageSize) >> 12) << 10) | PageTables.All);
        BitConverter.TryWriteBytes(_machine.Ram.Slice(Frame + GuestRam.PageSize, 2), (ushort)(Guests.Addi(10, 10, 100) >> 16));
        _machine.TlbFlush(Cpu, caller: Cpu);
        Cpu.Pc = end - 2;
        Assert.NotSame(tb, _machine.TbFind(Cpu));
        Run(1);
        Assert.Equal(101UL, Cpu.X[10]);

        _tables.Write(second, 0);
        _machine.TlbFlush(Cpu, caller: Cpu);
        Cpu.Pc = end - 2;
        Run(1);
        Assert.Equal((end - 2, (ulong)TrapCause.FetchPageFault, end), (Cpu.Hart.Mepc, Cpu.Hart.Mcause, Cpu.Hart.Mtval));
    }

    [Fact]
    public void One_physical_page_executed_at_two_addresses_gives_each_its_own_block()
    {
        _tables.Map(Va, Code, PageTables.All);
        _tables.Map(UserVa, Code, PageTables.All);
        Write(Code, 0x0000_0517); // auipc a0, 0
        EnterTranslated(Va);
        TranslationBlock first = _machine.TbFind(Cpu)!;
        Run(1);
        Assert.Equal(Va, Cpu.X[10]);
        Cpu.Pc = UserVa;
        Assert.NotSame(first, _machine.TbFind(Cpu));
        Run(1);
        Assert.Equal(UserVa, Cpu.X[10]);
        Assert.True(_machine.TbPhysInvalidate(first)); // both are on the page's list
    }

    [Fact]
    public void A_block_of_one_mode_is_not_found_in_another()
    {
        _tables.Map(Va, Code, PageTables.All);
        Write(Code, Guests.Nop, Guests.Ecall);
        EnterTranslated(Va);
        TranslationBlock supervisor = _machine.TbFind(Cpu)!;
        Cpu.Hart.EnterTrap(0, (ulong)TrapCause.SupervisorEcall, 0);
        Enter(Privilege.User, Va);
        Assert.Null(_machine.TbFind(Cpu)); // no user page: it traps
        Assert.Equal((ulong)TrapCause.FetchPageFault, Cpu.Hart.Mcause);
        Enter(Privilege.Supervisor, Va);
        Assert.Same(supervisor, _machine.TbFind(Cpu));
    }

    [Fact]
    public void The_first_store_through_an_entry_that_a_load_filled_sets_D()
    {
        _tables.Map(Va, Code, PageTables.All);
        ulong leaf = _tables.Map(UserVa, Frame, PageTables.All);
        Write(Code, Guests.I(0, 3, 0x03, 12, 10), Guests.S(0, 3, 10, 11));
        EnterTranslated(Va);
        Cpu.X[10] = UserVa;
        Run(1);
        Assert.Equal(PageWalker.Accessed, _tables.Read(leaf) & (PageWalker.Accessed | PageWalker.Dirty));
        Run(1);
        Assert.Equal(PageWalker.Accessed | PageWalker.Dirty, _tables.Read(leaf) & (PageWalker.Accessed | PageWalker.Dirty));
    }

    [Fact]
    public void An_old_translation_is_used_until_sfence_vma_and_not_after()
    {
        _tables.Map(Va, Code, PageTables.All);
        ulong leaf = _tables.Map(UserVa, Frame, PageTables.All);
        Write(Code, Guests.I(0, 3, 0x03, 12, 10), 0x1205_0073, Guests.I(0, 3, 0x03, 13, 10)); // ld; sfence.vma a0; ld
        _tables.Write(Frame, 1);
        _tables.Write(Frame + GuestRam.PageSize, 2);
        EnterTranslated(Va);
        Cpu.X[10] = UserVa;
        Run(1);
        _tables.Write(leaf, (((Frame + GuestRam.PageSize) >> 12) << 10) | PageTables.All);
        Cpu.Pc = Va;
        Run(1);
        Assert.Equal(1UL, Cpu.X[12]);
        Run(1);
        Run(1);
        Assert.Equal(2UL, Cpu.X[13]);
    }

    [Fact]
    public void A_store_by_another_address_into_translated_code_invalidates_it()
    {
        _tables.Map(Va, Code, PageTables.All);
        _tables.Map(UserVa, Frame, PageTables.All);
        _tables.Map(UserVa + GuestRam.PageSize, Frame, PageTables.All); // the alias
        Write(Code, Guests.S(0, 2, 10, 11));
        Write(Frame, Guests.Addi(12, 0, 1));
        EnterTranslated(UserVa);
        Cpu.X[10] = UserVa + GuestRam.PageSize;
        Cpu.X[11] = Guests.Addi(12, 0, 2);
        TranslationBlock tb = _machine.TbFind(Cpu)!;
        Cpu.Pc = Va;
        Run(1);
        Assert.True(tb.Invalid);
        Cpu.Pc = UserVa;
        Run(1);
        Assert.Equal(2UL, Cpu.X[12]);
    }

    [Fact]
    public void Another_vcpus_TLB_is_flushed_by_its_owner_and_not_by_the_caller()
    {
        using Machine machine = Guests.Machine<OrderedMemory>(Guests.Program(Guests.I(0, 3, 0x03, 12, 10)), Guests.Small with { Cpus = 2 });
        VCpu owner = machine.Cpus[1];
        owner.X[10] = Guests.Start;
        Assert.Null(machine.CpuExecNoCache(owner, 1, null));
        Assert.True(Hits(owner));
        machine.TlbFlushAllCpus(caller: machine.Cpus[0]);
        Assert.True(Hits(owner)); // only asked
        machine.ProcessQueuedWork(owner);
        Assert.False(Hits(owner));

        static unsafe bool Hits(VCpu cpu) => SoftTlb.Entry(cpu.Tlb.Table(0), Guests.Start)->Read == Guests.Start;
    }

    private void Csr(int number, ulong value)
    {
        if ((Cpu.Hart.Write(number, value, 0) & CsrEffect.Translation) != 0)
        {
            Cpu.FlushTranslations();
        }

        Cpu.StatusChanged();
    }

    private void Enter(Privilege privilege, ulong pc)
    {
        Guests.Enter(Cpu.Hart, privilege, pc);
        Cpu.Pc = pc;
        Cpu.StatusChanged();
    }

    private void EnterTranslated(ulong pc)
    {
        Csr(CsrNumber.Satp, _tables.Satp);
        Enter(Privilege.Supervisor, pc);
    }

    private void Write(ulong address, params uint[] words)
    {
        foreach (uint word in words)
        {
            BitConverter.TryWriteBytes(_machine.Ram.Slice(address, 4), word);
            address += 4;
        }
    }

    private void Run(int instructions) => Assert.Null(_machine.CpuExecNoCache(Cpu, instructions, null));

    private int PageOf(ulong address) => (int)((address - _machine.Ram.Start) >> GuestRam.PageBits);
}
