using Verify.Engine.Guest;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Guest;

/// <summary>CSRs, delegation and the choice of interrupts, against the rules of the privileged architecture.</summary>
public class HartTests
{
    private const ulong Ones = ulong.MaxValue;
    private readonly Hart _hart = new(3, new VirtualClock(null));

    [Fact]
    public void Registers_that_do_not_exist_or_are_read_only_refuse_and_the_rest_keep_what_is_legal()
    {
        Assert.False(_hart.TryRead(0x7c0, false, 0, out _));
        Assert.False(_hart.TryRead(CsrNumber.Mhartid, true, 0, out _));
        Assert.Equal(3UL, Read(CsrNumber.Mhartid));
        Assert.Equal(0x8000_0000_0014_1105, Read(CsrNumber.Misa));
        Assert.Equal(0x8000_0000_0014_1105, Written(CsrNumber.Misa, 0));
        Assert.Equal(Ones - 1, Written(CsrNumber.Mepc, Ones));
        Assert.Equal(Ones - 2, Written(CsrNumber.Mtvec, Ones));
        Assert.Equal(Ones, Written(CsrNumber.Mscratch, Ones));
        Assert.Equal(0xaaaUL, Written(CsrNumber.Mie, Ones));
        Assert.Equal(0x222UL, Written(CsrNumber.Mideleg, Ones));
        Assert.Equal(0xb3ffUL, Written(CsrNumber.Medeleg, Ones)); // an ecall of machine mode is never delegated
    }

    [Fact]
    public void Mstatus_has_fixed_widths_and_never_holds_the_reserved_privilege()
    {
        Assert.Equal(StatusBit.Widths | StatusBit.Writable | StatusBit.Mpp, Written(CsrNumber.Mstatus, Ones));
        Assert.Equal(StatusBit.Widths | StatusBit.Mpp, Written(CsrNumber.Mstatus, 2UL << StatusBit.MppShift)); // 2 is kept out: MPP stays 3
        Assert.Equal(StatusBit.Widths, Written(CsrNumber.Mstatus, 0));
        Written(CsrNumber.Sstatus, Ones);
        Assert.Equal(StatusBit.Widths | StatusBit.WritableInSstatus, Read(CsrNumber.Mstatus));
        Assert.Equal(StatusBit.WritableInSstatus | (2UL << 32), Read(CsrNumber.Sstatus));
    }

    [Fact]
    public void Supervisor_registers_show_and_change_only_what_is_delegated()
    {
        Written(CsrNumber.Mie, Ones);
        Assert.Equal(0UL, Read(CsrNumber.Sie));
        Written(CsrNumber.Mideleg, 1UL << InterruptBit.SupervisorTimer);
        Assert.Equal(1UL << InterruptBit.SupervisorTimer, Read(CsrNumber.Sie));
        Written(CsrNumber.Sie, 0);
        Assert.Equal(0xaaaUL & ~(1UL << InterruptBit.SupervisorTimer), Read(CsrNumber.Mie));
        Written(CsrNumber.Mip, Ones);
        Assert.Equal(0x222UL, Read(CsrNumber.Mip)); // the machine's own are wires
        Written(CsrNumber.Sip, 0);
        Assert.Equal(0x222UL, Read(CsrNumber.Mip)); // SSIP is not delegated here
        Written(CsrNumber.Mideleg, Ones);
        Written(CsrNumber.Sip, 0);
        Assert.Equal(0x220UL, Read(CsrNumber.Mip));
    }

    [Fact]
    public void Satp_takes_Sv39_or_bare_and_ignores_any_other_mode()
    {
        Assert.Equal((8UL << 60) | 0x123, Written(CsrNumber.Satp, (8UL << 60) | (0xffffUL << 44) | 0x123)); // no ASIDs
        Assert.Equal((8UL << 60) | 0x123, Written(CsrNumber.Satp, (9UL << 60) | 0x456));                     // Sv48
        Assert.Equal(0x456UL, Written(CsrNumber.Satp, 0x456));
    }

    [Fact]
    public void A_counter_reads_what_was_written_to_it_by_the_next_instruction_and_stands_still_while_inhibited()
    {
        _hart.Write(CsrNumber.Minstret, 100, retired: 10);
        Assert.True(_hart.TryRead(CsrNumber.Minstret, false, 11, out ulong next)); // the writing instruction itself does not count
        Assert.Equal(100UL, next);
        _hart.Write(CsrNumber.Mcountinhibit, 4, retired: 20);
        Assert.True(_hart.TryRead(CsrNumber.Minstret, false, 1000, out ulong frozen));
        Assert.Equal(109UL, frozen);
        _hart.Write(CsrNumber.Mcountinhibit, 0, retired: 2000);
        Assert.True(_hart.TryRead(CsrNumber.Minstret, false, 2005, out ulong resumed));
        Assert.Equal(114UL, resumed);
        Assert.True(_hart.TryRead(CsrNumber.Mcycle, false, 2005, out ulong cycle));
        Assert.Equal(2005UL, cycle);
    }

    [Fact]
    public void Each_level_needs_the_enables_of_all_levels_above_to_count()
    {
        Enter(Privilege.User);
        Assert.False(_hart.TryRead(CsrNumber.Instret, false, 0, out _));
        EnterMachine();
        Written(CsrNumber.Mcounteren, 4);
        Enter(Privilege.Supervisor);
        Assert.True(_hart.TryRead(CsrNumber.Instret, false, 0, out _));
        Assert.False(_hart.TryRead(CsrNumber.Cycle, false, 0, out _));
        Assert.False(_hart.TryRead(CsrNumber.Mscratch, false, 0, out _));
        Written(CsrNumber.Scounteren, 4);
        EnterMachine();
        Enter(Privilege.User);
        Assert.True(_hart.TryRead(CsrNumber.Instret, false, 0, out _));
        Assert.False(_hart.TryRead(CsrNumber.Sscratch, false, 0, out _));
    }

    [Fact]
    public void Tvm_tw_and_tsr_take_satp_wfi_and_sret_from_the_supervisor()
    {
        Enter(Privilege.Supervisor);
        Assert.True(_hart.TryRead(CsrNumber.Satp, true, 0, out _));
        Assert.True(_hart.MayWait && _hart.MayManageTranslation);
        EnterMachine();
        Written(CsrNumber.Mstatus, StatusBit.Tvm | StatusBit.Tw | StatusBit.Tsr);
        Assert.True(_hart.MayWait && _hart.MayManageTranslation);
        Enter(Privilege.Supervisor);
        Assert.False(_hart.TryRead(CsrNumber.Satp, true, 0, out _));
        Assert.False(_hart.MayWait || _hart.MayManageTranslation);
        Assert.Null(_hart.ReturnFromSupervisorTrap());
        Assert.Null(_hart.ReturnFromMachineTrap());
    }

    [Fact]
    public void A_trap_saves_and_mret_restores_privilege_and_interrupt_enable()
    {
        Written(CsrNumber.Mtvec, 0x8000_1000);
        Written(CsrNumber.Mstatus, StatusBit.Mie);
        Assert.Equal(0x8000_1000UL, _hart.EnterTrap(0x8000_0004, (ulong)TrapCause.LoadAccess, 0x10));
        Assert.Equal((0x8000_0004UL, (ulong)TrapCause.LoadAccess, 0x10UL), (_hart.Mepc, _hart.Mcause, _hart.Mtval));
        Assert.Equal(StatusBit.Widths | StatusBit.Mpie | StatusBit.Mpp, _hart.Mstatus);
        Assert.Equal(0x8000_0004UL, _hart.ReturnFromMachineTrap());
        Assert.Equal(StatusBit.Widths | StatusBit.Mie | StatusBit.Mpie, _hart.Mstatus); // MPP becomes the least privilege
        Assert.Equal(Privilege.Machine, _hart.Privilege);
    }

    [Fact]
    public void A_delegated_exception_of_a_lower_mode_goes_to_the_supervisor_one_of_machine_mode_never()
    {
        Written(CsrNumber.Medeleg, 1UL << (int)TrapCause.Breakpoint);
        Written(CsrNumber.Stvec, 0x8000_2000);
        Written(CsrNumber.Mtvec, 0x8000_1000);
        Assert.Equal(0x8000_1000UL, _hart.EnterTrap(0x8000_0000, (ulong)TrapCause.Breakpoint, 0));
        Enter(Privilege.User);
        Assert.Equal(0x8000_2000UL, _hart.EnterTrap(0x10, (ulong)TrapCause.Breakpoint, 0x10));
        Assert.Equal((Privilege.Supervisor, 0x10UL, 0x10UL), (_hart.Privilege, _hart.Sepc, _hart.Stval));
        Assert.Equal(0UL, _hart.Mstatus & StatusBit.Spp);
        Assert.Equal(0x10UL, _hart.ReturnFromSupervisorTrap());
        Assert.Equal(Privilege.User, _hart.Privilege);
        Assert.Equal(0x8000_1000UL, _hart.EnterTrap(0x10, (ulong)TrapCause.UserEcall, 0)); // not delegated
    }

    [Fact]
    public void Interrupts_are_chosen_by_priority_then_by_level()
    {
        Written(CsrNumber.Mie, Ones);
        Written(CsrNumber.Mtvec, 0x8000_0001);
        foreach (int bit in new[] { 1, 3, 5, 7, 9, 11 })
        {
            _hart.SetPending(bit, true);
        }

        Assert.True(_hart.WakesUp);
        Assert.Equal(-1, _hart.InterruptToTake()); // MIE is off
        Written(CsrNumber.Mstatus, StatusBit.Mie);
        foreach (int bit in new[] { 11, 3, 7, 9, 1, 5 })
        {
            Assert.Equal(bit, _hart.InterruptToTake());
            _hart.SetPending(bit, false);
        }

        Assert.Equal(-1, _hart.InterruptToTake());
        Assert.Equal(0x8000_0000UL + (4 * 7), _hart.EnterTrap(0, (1UL << 63) | 7, 0)); // vectored
        Assert.Equal(0x8000_0000UL, _hart.EnterTrap(0, 2, 0));                         // but exceptions are not
    }

    [Fact]
    public void A_delegated_interrupt_waits_for_the_supervisor_and_never_interrupts_machine_mode()
    {
        Written(CsrNumber.Mie, Ones);
        Written(CsrNumber.Mideleg, Ones);
        Written(CsrNumber.Mstatus, StatusBit.Mie | StatusBit.Sie);
        _hart.SetPending(InterruptBit.SupervisorTimer, true);
        Assert.Equal(-1, _hart.InterruptToTake());
        Enter(Privilege.User);
        Assert.Equal(InterruptBit.SupervisorTimer, _hart.InterruptToTake()); // whatever SIE says
        _hart.SetPending(InterruptBit.MachineTimer, true);
        Assert.Equal(InterruptBit.MachineTimer, _hart.InterruptToTake());    // the higher level first
    }

    [Fact]
    public void Mprv_gives_loads_and_stores_of_machine_mode_the_previous_privilege_until_a_return_to_a_lower_one()
    {
        Written(CsrNumber.Mstatus, StatusBit.Mprv | ((ulong)Privilege.User << StatusBit.MppShift));
        Assert.Equal(Privilege.User, _hart.DataPrivilege);
        Written(CsrNumber.Mstatus, StatusBit.Mprv | StatusBit.Mpp);
        _hart.ReturnFromMachineTrap();
        Assert.NotEqual(0UL, _hart.Mstatus & StatusBit.Mprv);
        Written(CsrNumber.Mstatus, StatusBit.Mprv);
        _hart.ReturnFromMachineTrap();
        Assert.Equal(0UL, _hart.Mstatus & StatusBit.Mprv);
    }

    [Fact]
    public void A_reset_hart_is_as_new()
    {
        for (int number = 0; number < 4096; number++)
        {
            if (_hart.TryRead(number, true, 0, out _) && number is not (>= CsrNumber.Pmpcfg0 and <= CsrNumber.Pmpcfg15))
            {
                _hart.Write(number, Ones, 0);
            }
        }

        _hart.Write(CsrNumber.Pmpcfg0, 0x9f, 0);
        _hart.Reset();
        Hart fresh = new(3, new VirtualClock(null));
        for (int number = 0; number < 4096; number++)
        {
            Assert.Equal(fresh.TryRead(number, false, 7, out ulong expected), _hart.TryRead(number, false, 7, out ulong found));
            Assert.Equal((number, expected), (number, found));
        }

        Assert.False(_hart.Protection.BindsMachineMode);
    }

    private ulong Read(int number)
    {
        Assert.True(_hart.TryRead(number, false, 0, out ulong value));
        return value;
    }

    private ulong Written(int number, ulong value)
    {
        _hart.Write(number, value, 0);
        return Read(number);
    }

    private void Enter(Privilege privilege) => Guests.Enter(_hart, privilege, 0);

    private void EnterMachine() => _hart.EnterTrap(0, (ulong)TrapCause.MachineEcall, 0);
}
