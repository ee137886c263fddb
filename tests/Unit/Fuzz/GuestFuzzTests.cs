using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Verify.Engine.Auditing;
using Verify.Engine.Backends;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Fuzz;

/// <summary>
/// Random instruction streams under random page tables. VERIFY_FUZZ_PROGRAMS says how many, 2,000 by default, 400 for each way to run machine
/// code; VERIFY_FUZZ_SEED repeats a run,
/// whose seed a failure prints.
/// </summary>
public class GuestFuzzTests
{
    private static readonly InvalidationEntry[] s_strategies = [.. InvalidationCatalog.All.Where(entry => entry.IsSound)];

    /// <summary>
    /// No guest may throw, hang or write beside its RAM, and one hart's result does not depend on how its code is cut into blocks, cached,
    /// chained and flushed: stepping instruction by instruction gives the same registers, CSRs, memory and instruction count.
    /// </summary>
    [Theory]
    [InlineData(BackendKind.Interpreter, false)]
    [InlineData(BackendKind.X64, false)]
    [InlineData(BackendKind.X64Flat, false)]
    [InlineData(BackendKind.X64, true)]
    [InlineData(BackendKind.X64Flat, true)]
    public void No_program_harms_the_host_and_blocks_do_what_single_steps_do(BackendKind backend, bool dense)
    {
        int programs = int.TryParse(Environment.GetEnvironmentVariable("VERIFY_FUZZ_PROGRAMS"), out int wanted)
            ? wanted
            : backend == BackendKind.Interpreter ? 2_000 : 400;
        Config config = Config.QuickThrowOnFailure.WithMaxTest(programs).WithStartSize(1).WithEndSize(60).WithQuietOnSuccess(true);
        if (ulong.TryParse(Environment.GetEnvironmentVariable("VERIFY_FUZZ_SEED"), out ulong seed))
        {
            config = config.WithReplay(seed, 1);
        }

        Prop.ForAll(Arb.From(dense ? DenseProgram.Generator : FuzzProgram.Generator, Shrink), program => Check(program, backend)).Check(config);
    }

    private static void Check(FuzzProgram program, BackendKind backend)
    {
        MachineOptions options = program.Options with
        {
            Backend = backend,
            UseBmi2 = (program.Strategy & 1) == 0,
            NativeCodeBytes = (program.Strategy & 6) == 0 ? 256 << 10 : 8 << 20, // blocks are cut where a region is small
        };
        InvalidationEntry strategy = s_strategies[program.Strategy % s_strategies.Length];
        Machine machine = strategy.Create<PlainMemory, NoAudit>(Guests.Program(Guests.Nop), options);
        program.Load(machine);
        Exception? failure = null;
        Thread run = new(() => failure = Record.Exception(machine.Run)) { IsBackground = true };
        run.Start();
        if (!run.Join(TimeSpan.FromMinutes(2))) // 600 instructions: whatever the machine's load, this is a hang
        {
            throw new InvalidOperationException($"hangs with {strategy.Name} at {machine.Cpus[0].Pc:x}:\n{program}");
        }

        using Machine ended = machine; // one that hangs is not disposed of: its vCPUs still run
        Assert.True(failure == null, $"{failure}\n{program}\n{HostCode.Of(machine)}");
        Assert.Null(machine.BackendNotice);
        Assert.Equal(0UL, SlackOf(machine));
        Assert.All(machine.Cpus, cpu => Assert.Equal(0UL, cpu.X[0]));
        Assert.All(machine.Cpus, cpu => Assert.InRange(cpu.Instructions + cpu.Traps, 0, FuzzProgram.Limit + 64));
        if (program.Cpus == 1)
        {
            CompareWithSteps(program, machine);
        }
    }

    private static void CompareWithSteps(FuzzProgram program, Machine machine)
    {
        using Machine stepped = Guests.Machine<OrderedMemory>(
            Guests.Program(Guests.Nop), program.Options with { TbCapacity = 64, CodeCapacity = null, BlocksSpanPages = false, InstructionLimit = null });
        program.Load(stepped);
        VCpu ran = machine.Cpus[0], cpu = stepped.Cpus[0];
        bool couldInterrupt = false;
        while (!cpu.Ended && cpu.Instructions + cpu.Traps < ran.Instructions + ran.Traps)
        {
            stepped.CpuExecStepAtomic(cpu);
            couldInterrupt |= cpu.Hart.WakesUp;
        }

        bool endedAsleep = ran.Halted; // of which a hart that is stepped knows nothing
        if (machine.Fault != null && !endedAsleep && !cpu.Ended)
        {
            stepped.CpuExecStepAtomic(cpu); // what ends a machine retires nothing
        }

        // When an interrupt is taken is not fixed: between any two instructions, or between two blocks.
        if (!couldInterrupt && !ran.Hart.WakesUp)
        {
            string expected = State(stepped, stepped.Fault), actual = State(machine, endedAsleep ? null : machine.Fault);
            Assert.True(expected == actual, $"stepped {expected}\nran {actual}\n{program}\n{HostCode.Of(machine)}");
        }
    }

    private static unsafe ulong SlackOf(Machine machine) => *(ulong*)(machine.Ram.Bytes + machine.Ram.Size);

    private static string State(Machine machine, GuestFault? fault)
    {
        VCpu cpu = machine.Cpus[0];
        Hart hart = cpu.Hart;
        return $"pc {cpu.Pc:x} retired {cpu.Instructions} traps {cpu.Traps} x {string.Join(' ', cpu.X.Take(32).Select(x => x.ToString("x")))}\n" +
            $"{hart.Privilege} mstatus {hart.Mstatus:x} m {hart.Mepc:x} {hart.Mcause:x} {hart.Mtval:x} {hart.Mtvec:x} s {hart.Sepc:x} {hart.Scause:x} " +
            $"{hart.Stval:x} {hart.Stvec:x} satp {hart.Satp:x} fault {fault?.Reason ?? "none"}\n" +
            $"RAM {Convert.ToHexString(SHA256.HashData(machine.Ram.Slice(machine.Ram.Start, (int)machine.Ram.Size)))}";
    }

    private static IEnumerable<FuzzProgram> Shrink(FuzzProgram program) =>
        ArbMap.Default.ArbFor<uint[]>().Shrinker(program.Code).Select(code => program with { Code = code })
            .Concat(ArbMap.Default.ArbFor<uint[]>().Shrinker(program.Handler).Select(handler => program with { Handler = handler }))
            .Concat(Enumerable.Range(0, program.Leaves.Length).Select(i => program with { Leaves = [.. program.Leaves.Where((_, at) => at != i)] }));
}
