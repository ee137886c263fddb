using System.Security.Cryptography;
using Iced.Intel;
using Verify.Engine.Backends;
using Verify.Engine.Backends.X64;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Translation;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Backends;

public unsafe class MachineCodeTests
{
    public static TheoryData<string, BackendKind, string> Runs()
    {
        TheoryData<string, BackendKind, string> data = [];
        foreach (string guest in new[] { "fib", "sieve", "lcg", "crc", "matmul", "smc", "spinlock", "vm", "straddle", "interrupts", "flush" })
        {
            data.Add(guest, BackendKind.X64, "per-cpu-flag");
            data.Add(guest, BackendKind.X64, "exclusive-flush");
            data.Add(guest, BackendKind.X64Flat, "valid-marker");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void On_one_vCPU_registers_RAM_and_counts_are_the_interpreters(string guest, BackendKind kind, string strategy)
    {
        MachineOptions options = new() { RamSize = 4 << 20 };
        string interpreted = State(Guests.Load(guest), options, strategy);

        Assert.Equal(interpreted, State(Guests.Load(guest), options with { Backend = kind }, strategy));
        Assert.Equal(interpreted, State(Guests.Load(guest), options with { Backend = kind, UseBmi2 = false, TbCapacity = 5 }, strategy));
    }

    /// <summary>A small code memory, a guest that makes new code all the time: it is recycled, and nobody runs what is not his.</summary>
    [Theory]
    [InlineData("per-cpu-flag")]
    [InlineData("global-flag")]
    [InlineData("flush-counter")]
    [InlineData("valid-marker")]
    [InlineData("exclusive-flush")]
    public void Code_memory_that_is_full_is_flushed_and_filled_again(string strategy)
    {
        StringWriter console = new();
        MachineOptions options = new() { Backend = BackendKind.X64, NativeCodeBytes = 256 << 10, RamSize = 4 << 20, Cpus = 2, Console = console };
        using Machine machine = BackendMachine.Of(
            ElfLoader.ReadFile(Path.Combine(Guests.Folder, "bench", "smc.elf")), options, strategy);
        machine.Run();

        Assert.Equal(("smc wrong 0\n", 0L), (console.ToString(), machine.ExitCode));
        Assert.True(machine.FlushCount > 0, "nothing was flushed");
    }

    /// <summary>
    /// Every host pc inside a block maps to one of its operations, in order; a return address behind a call to the one that called.
    /// </summary>
    [Fact]
    public void State_is_restored_from_a_host_pc()
    {
        using Machine machine = BackendMachine.Of(Guests.Load("vm"), new MachineOptions { Backend = BackendKind.X64 });
        machine.Run();
        VCpu cpu = machine.Cpus[0];
        int calls = 0;
        foreach (TbCode code in machine.Tb.Arena.Live().Select(tb => tb.Code))
        {
            NativeCode native = code.Native!;
            byte* entry = native.Memory.At(native.Entry);
            byte[] bytes = new ReadOnlySpan<byte>(entry, native.CodeLength).ToArray();
            uint packed = 0;
            foreach (Instruction at in Iced.Intel.Decoder.Create(64, bytes, (ulong)entry))
            {
                Assert.NotEqual(Iced.Intel.Code.INVALID, at.Code);
                Assert.True(machine.CpuRestoreState(cpu, (long)at.IP));
                Assert.Contains(code.Ops, op => code.Pc + (2 * (ulong)op.Offset) == cpu.Pc);
                if (at.Code == Iced.Intel.Code.Mov_r32_imm32 && at.Op0Register == Register.ESI)
                {
                    packed = at.Immediate32;
                }
                else if (at.Mnemonic == Mnemonic.Call)
                {
                    calls++;
                    Assert.Equal((int)(packed >> 7), code.Slot.Index);
                    Assert.True(machine.CpuRestoreState(cpu, (long)at.NextIP - 1)); // as QEMU's GETPC_ADJ: the call, not what follows
                    Assert.Equal(code.Pc + (2 * (ulong)code.Ops[packed & 127].Offset), cpu.Pc);
                }
            }
        }

        Assert.True(calls > 50, $"{calls} calls");
        Assert.False(machine.CpuRestoreState(cpu, (long)BackendMachine.BackendOf(machine).Memory.At(0))); // no block's code
        Assert.False(machine.CpuRestoreState(cpu, 0x1000));
    }

    [Theory]
    [InlineData(BackendKind.X64)]
    [InlineData(BackendKind.X64Flat)]
    public void A_fault_in_the_middle_of_a_block_finds_pc_and_registers_exact(BackendKind kind)
    {
        GuestImage image = Guests.Program(
            Guests.Addi(5, 0, 7), Guests.Addi(6, 0, 9), Guests.I(0, 3, 3, 6, 0), Guests.Addi(5, 5, 1), Guests.Ecall);
        using Machine machine = BackendMachine.Of(image, Guests.Small with { Backend = kind });
        machine.Run();

        Assert.Equal(Guests.Start + 8, machine.Fault!.Pc);
        Assert.Equal((7UL, 9UL, 2L), (machine.Cpus[0].X[5], machine.Cpus[0].X[6], machine.Cpus[0].Instructions));
    }

    /// <summary>MPRV: machine mode that loads and stores with another privilege, here one that memory protection allows nothing.</summary>
    [Theory]
    [InlineData(BackendKind.X64)]
    [InlineData(BackendKind.X64Flat)]
    public void Machine_mode_with_another_privilege_for_data_is_not_taken_for_machine_mode(BackendKind kind)
    {
        uint[] words =
        [
            0x00021537, Guests.Addi(10, 10, -2048), 0x30052073, // csrs mstatus, MPRV | MPP = supervisor
            Guests.Addi(11, 0, 1), Guests.I(31, 1, 0x13, 11, 11), Guests.I(0, 3, 3, 12, 11), Guests.Ecall, // ld a2, 0(0x80000000)
        ];
        using Machine machine = BackendMachine.Of(Guests.Program(words), Guests.Small with { Backend = kind });
        machine.Run();

        Assert.Equal((Guests.Start + 20, 0UL), (machine.Fault?.Pc, machine.Cpus[0].X[12]));
        Assert.Contains("load from 0x80000000", machine.Fault!.Reason);
    }

    private static string State(GuestImage image, MachineOptions options, string strategy)
    {
        StringWriter console = new();
        using Machine machine = BackendMachine.Of(image, options with { Console = console }, strategy);
        machine.Run();
        VCpu cpu = machine.Cpus[0];
        return $"{console}{machine.ExitCode} {machine.Fault} pc {cpu.Pc:x} retired {cpu.Instructions} traps {cpu.Traps} " +
            $"x {string.Join(' ', cpu.X.Take(32).Select(x => x.ToString("x")))} " +
            $"RAM {Convert.ToHexString(SHA256.HashData(machine.Ram.Slice(machine.Ram.Start, (int)machine.Ram.Size)))}";
    }
}
