using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Tests.Unit.Engine;

public class MachineTests
{
    public static TheoryData<string, string> Results => new()
    {
        { "spinlock", "spinlock 20000\n" }, { "smc", "smc wrong 0\n" }, { "sieve", "sieve 6542\n" }, { "fib", "fib 27060\n" },
        { "lcg", "lcg 11443582538978462373\n" }, { "crc", "crc 3762047428\n" }, { "matmul", "matmul 8274373190163980800\n" },
    };

    [Theory]
    [MemberData(nameof(Results))]
    public void A_guest_gives_its_result_with_every_strategy_even_in_a_tiny_arena(string guest, string expected)
    {
        foreach (InvalidationEntry strategy in InvalidationCatalog.All)
        {
            foreach (int capacity in new[] { 3, 1024 })
            {
                StringWriter console = new();
                GuestResult result = GuestRun.Execute(Guests.Load(guest), 1, strategy,
                    new MachineOptions { TbCapacity = capacity }, console, TestContext.Current.CancellationToken);
                Assert.Equal((expected, 0L, null), (console.ToString(), result.ExitCode, result.Fault));
                Assert.Equal(capacity == 3, result.Flushes > 0);
            }
        }
    }

    [Fact]
    public void The_same_instructions_retire_however_blocks_are_cut_cached_and_accessed()
    {
        long[] counts =
        [
            Count<PlainMemory>(new MachineOptions()), Count<OrderedMemory>(new MachineOptions()),
                Count<PlainMemory>(new MachineOptions { MaxTbInstructions = 1 }),
            Count<PlainMemory>(new MachineOptions { TbCapacity = 2, JumpCacheBits = 0 }),
        ];
        Assert.All(counts, count => Assert.Equal(counts[0], count));

        static long Count<TMemory>(MachineOptions options)
            where TMemory : struct, IGuestMemory
        {
            using Machine machine = Guests.Machine<TMemory>(Guests.Load("fib"), options);
            machine.Run();
            Assert.Equal(0, machine.ExitCode);
            return machine.Cpus[0].Instructions;
        }
    }

    [Fact]
    public void A_block_that_jumps_to_itself_is_looked_up_twice_and_then_chained()
    {
        uint[] loop = [Guests.Addi(10, 0, 1000), Guests.Addi(10, 10, -1), Guests.B(-4, 1, 10, 0), Guests.Addi(17, 0, 93), Guests.Ecall];
        using Machine machine = Guests.Machine<PlainMemory>(Guests.Program(loop), Guests.Small);
        machine.Run();
        Assert.Equal(4, machine.Cpus[0].Lookups); // first, loop, loop once more before its exit is linked, end
        Assert.Equal(1 + 2000 + 2, machine.Cpus[0].Instructions);
    }

    [Theory]
    [InlineData(0x00000000u, "illegal instruction")]
    [InlineData(Guests.Ebreak, "ebreak")]
    [InlineData(0x00003503u, "load from 0x0, outside RAM")] // ld a0, 0(zero)
    [InlineData(0x00a02023u, "store to 0x0, outside RAM")]
    [InlineData(0x0005b52fu, "atomic access to 0x1, misaligned or outside RAM")] // amoadd.d a0, zero, (a1)
    [InlineData(0x00008067u, "jump to an address outside RAM")] // ret to 0
    [InlineData(0x00208067u, "jump to a misaligned address")] // jr 2(ra)
    public void A_fault_names_hart_pc_instruction_and_reason_and_earlier_instructions_count(uint word, string reason)
    {
        using Machine machine = Guests.Machine<PlainMemory>(Guests.Program(Guests.Addi(10, 0, 5), word), Guests.Small);
        machine.Cpus[0].X[11] = 1;
        machine.Run();
        GuestFault fault = machine.Fault!;
        Assert.Equal((0, reason), (fault.Hart, fault.Reason));
        Assert.Null(machine.ExitCode);
        bool jumped = reason.StartsWith("jump", StringComparison.Ordinal);
        Assert.Equal(jumped ? 2 : 1, machine.Cpus[0].Instructions);
        if (!jumped)
        {
            Assert.Equal((Guests.Start + 4, word), (fault.Pc, fault.Instruction));
            Assert.Equal(5UL, machine.Cpus[0].X[10]);
        }

        Assert.DoesNotContain('\n', fault.ToString());
    }

    [Fact]
    public void Running_off_the_end_of_RAM_is_a_fault()
    {
        using Machine machine = Guests.Machine<PlainMemory>(Guests.Program(Guests.J(4092, 0)), Guests.Small with { RamSize = GuestRam.PageSize });
        BitConverter.TryWriteBytes(machine.Ram.Slice(Guests.Start + 4092, 4), Guests.Nop);
        machine.Run();
        Assert.Equal("jump to an address outside RAM", machine.Fault!.Reason);
        Assert.Equal(Guests.Start + 4096, machine.Fault.Pc);
    }

    [Fact]
    public void Accesses_at_the_last_byte_of_RAM_are_bounded_exactly()
    {
        foreach ((uint funct3, int bytes) in new[] { (0u, 1), (1u, 2), (2u, 4), (3u, 8) })
        {
            foreach (int beyond in new[] { 0, 1 })
            {
                uint[][] accesses = [[Guests.S(-bytes + beyond, funct3, 10, 0)], [Guests.I(-bytes + beyond, funct3, 0x03, 12, 10)]];
                foreach (uint[] access in accesses)
                {
                    using Machine machine = Guests.Machine<PlainMemory>(Guests.Program([.. access, Guests.Addi(17, 0, 93),
                        Guests.Ecall]), Guests.Small);
                    machine.Cpus[0].X[10] = Guests.Start + machine.Ram.Size;
                    machine.Run();
                    Assert.Equal(beyond == 1, machine.Fault != null);
                }
            }
        }
    }

    [Fact]
    public void A_store_into_translated_code_is_seen_after_fence_i_and_no_link_to_the_old_block_is_left()
    {
        // Twice: call a function that sets x12, patch it to set another value, fence.i. The call is chained on the second round.
        uint[] program =
        [
            Guests.J(32, 1), Guests.R(0, 0, 0x33, 13, 13, 12), // 0: jal f; 4: x13 += x12
            Guests.S(32, 2, 10, 11), Guests.FenceI,            // 8: f = x11
            Guests.Addi(14, 14, -1), Guests.B(-20, 1, 14, 0),  // 16, 20: loop
            Guests.Addi(17, 0, 93), Guests.Ecall,
            Guests.Addi(12, 0, 1), Guests.I(0, 0, 0x67, 0, 1), // 32: f
        ];
        foreach (InvalidationEntry strategy in InvalidationCatalog.All)
        {
            using Machine machine = strategy.Create<PlainMemory, GenerationAudit>(Guests.Program(program), Guests.Small);
            (machine.Cpus[0].X[10], machine.Cpus[0].X[11], machine.Cpus[0].X[14]) = (Guests.Start, Guests.Addi(12, 0, 100), 4);
            machine.Run();
            Assert.Null(machine.Fault);
            Assert.Equal(1UL + 100 + 100 + 100, machine.Cpus[0].X[13]);
        }
    }

    [Fact]
    public void Invalidation_and_flush_make_the_next_execution_translate_again()
    {
        uint[] program = [Guests.Addi(17, 0, 93), Guests.Ecall];
        using Machine machine = Guests.Machine<PlainMemory>(Guests.Program(program), Guests.Small);
        machine.Run();
        Assert.True(machine.TbPhysInvalidate(Guests.Start));
        Assert.False(machine.TbPhysInvalidate(Guests.Start)); // double invalidation is safe
        Assert.Null(machine.Cpus[0].JumpCache.Find(Guests.Start));
        machine.TbFlush();
        Assert.Equal(1, machine.FlushCount);
        Assert.Equal(0, machine.Ram.FlagsOf(Guests.Start));
    }

    [Fact]
    public void A_temporary_block_runs_a_few_instructions_and_leaves_nothing_behind()
    {
        uint[] program = [Guests.Addi(10, 0, 1), Guests.Addi(10, 10, 1), Guests.Addi(10, 10, 1), Guests.Addi(17, 0, 93), Guests.Ecall];
        foreach (InvalidationEntry strategy in InvalidationCatalog.All)
        {
            using Machine machine = strategy.Create<PlainMemory, GenerationAudit>(Guests.Program(program), Guests.Small with { TbCapacity = 2 });
            VCpu cpu = machine.Cpus[0];
            for (int i = 0; i < 5; i++)
            {
                cpu.Pc = Guests.Start;
                Assert.Null(machine.CpuExecNoCache(cpu, 2, null));
                Assert.Equal((2UL, Guests.Start + 8), (cpu.X[10], cpu.Pc));
            }

            Assert.False(machine.TbPhysInvalidate(Guests.Start));
            Assert.Equal(0, machine.FlushCount);
        }
    }

    [Fact]
    public void An_origin_is_reported_dead_when_generating_the_temporary_block_flushed()
    {
        foreach (InvalidationEntry strategy in InvalidationCatalog.All)
        {
            // Two blocks fill the arena; the temporary one needs a flush.
            uint[] program = [Guests.Addi(10, 0, 1), Guests.J(4, 0), Guests.Addi(17, 0, 93), Guests.Ecall];
            using Machine machine = strategy.Create<PlainMemory, NoAudit>(Guests.Program(program), Guests.Small with { TbCapacity = 2 });
            VCpu cpu = machine.Cpus[0];
            cpu.Pc = Guests.Start + 8;
            Assert.NotNull(machine.TbFind(cpu));
            cpu.Pc = Guests.Start;
            TranslationBlock origin = machine.TbFind(cpu)!;
            Assert.Null(machine.CpuExecNoCache(cpu, 1, origin));
            Assert.Equal(1, machine.FlushCount);
        }
    }

    [Fact]
    public async Task An_endless_guest_stops_when_cancelled()
    {
        foreach (InvalidationEntry strategy in InvalidationCatalog.All)
        {
            using CancellationTokenSource cancellation = new();
            Task<GuestResult> run = Task.Run(() => GuestRun.Execute(Guests.Program(Guests.J(0, 0)), 2, strategy, Guests.Small,
                TextWriter.Null, cancellation.Token));
            await cancellation.CancelAsync();
            GuestResult result = await run;
            Assert.Null(result.ExitCode);
            Assert.Null(result.Fault);
        }
    }
}
