using Verify.Engine.Auditing;
using Verify.Engine.Backends;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Tests.Stress;

/// <summary>
/// Machine code while everything is done to it at once. VERIFY_STRESS_SECONDS says for how long each test goes on; by default each runs one guest.
/// </summary>
public class MachineCodeStressTests
{
    private static readonly TimeSpan s_duration =
        TimeSpan.FromSeconds(int.TryParse(Environment.GetEnvironmentVariable("VERIFY_STRESS_SECONDS"), out int seconds) ? seconds : 0);

    public static TheoryData<string, BackendKind> Strategies
    {
        get
        {
            TheoryData<string, BackendKind> data = [];
            foreach (InvalidationEntry strategy in InvalidationCatalog.All)
            {
                data.Add(strategy.Name, BackendKind.X64);
                data.Add(strategy.Name, BackendKind.X64Flat);
            }

            return data;
        }
    }

    /// <summary>
    /// One vCPU rewrites a function, all call it; meanwhile others flush all code and every TLB, and invalidate what lies around the function.
    /// </summary>
    [Theory]
    [MemberData(nameof(Strategies))]
    public void Self_modifying_code_between_vCPUs_survives_flush_storms(string strategy, BackendKind backend) =>
        Repeat("smc", "smc wrong 0\n", strategy, backend, machine =>
        {
            machine.TbFlush();
            machine.TlbFlushAllCpus();
            machine.InvalidateRange(machine.Ram.Start, 2 * GuestRam.PageSize);
        });

    /// <summary>Demand paging, moved pages of code and shoot-downs, while pages are watched and code is flushed.</summary>
    [Theory]
    [MemberData(nameof(Strategies))]
    public void Paging_survives_flush_storms_and_dirty_tracking(string strategy, BackendKind backend) =>
        Repeat("vm", "vm wrong 0\n", strategy, backend, machine =>
        {
            machine.RearmNotDirty(0, (long)machine.Ram.Size / GuestRam.PageSize / 64);
            machine.TbFlush();
        });

    /// <summary>The collector compacts while vCPUs are in machine code, which refers to nothing that moves.</summary>
    [Theory]
    [MemberData(nameof(Strategies))]
    public void Machine_code_survives_a_compacting_collector(string strategy, BackendKind backend) =>
        Repeat("spinlock", "spinlock 80000\n", strategy, backend, _ =>
        {
            object[] garbage = [.. Enumerable.Range(0, 1000).Select(i => new byte[i])];
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.KeepAlive(garbage);
        });

    /// <summary>Harts are plugged in and unplugged while the others run.</summary>
    [Theory]
    [InlineData(BackendKind.X64)]
    [InlineData(BackendKind.X64Flat)]
    public void Machine_code_survives_hot_plug(BackendKind backend) =>
        Repeat("smc", "smc wrong 0\n", "exclusive-flush", backend, machine =>
        {
            // Eight words behind the program: addi a0, a0, 1; j .-4
            ulong loop = machine.Ram.Start + machine.Ram.Size - 64;
            BitConverter.TryWriteBytes(machine.Ram.Slice(loop, 8), 0xffdf_f06f_0015_0513UL);
            VCpu cpu = machine.AddCpu(loop);
            Exception? ended = null;
            Thread thread = new(() => ended = Record.Exception(() => machine.CpuExec(cpu)));
            thread.Start();
            machine.TbFlush();
            machine.RemoveCpu(cpu);
            thread.Join();
            Assert.True(ended is null, ended?.ToString());
        });

    private static void Repeat(string guest, string expected, string strategy, BackendKind backend, Action<Machine> disturb)
    {
        DateTime end = DateTime.UtcNow + s_duration;
        do
        {
            Run(guest, expected, strategy, backend, disturb);
        }
        while (DateTime.UtcNow < end);
    }

    private static void Run(string guest, string expected, string strategy, BackendKind backend, Action<Machine> disturb)
    {
        StringWriter console = new();
        MachineOptions options = new()
        {
            Cpus = 4,
            MaxCpus = 8,
            RamSize = 4 << 20,
            Backend = backend,
            NativeCodeBytes = 1 << 20,
            Console = console,
        };
        using Machine machine = InvalidationCatalog.Find(strategy).Create<PlainMemory, NoAudit>(GuestFiles.Load(guest), options);
        Exception? failure = null;
        int running = 1, disturbed = 0;
        Thread disturber = new(() =>
        {
            try
            {
                while (machine.TranslatedCount == 0 && Volatile.Read(ref running) != 0)
                {
                    Thread.Yield(); // the vCPUs of the start have their threads then
                }

                while (Volatile.Read(ref running) != 0 || disturbed == 0)
                {
                    disturb(machine);
                    disturbed++;
                    Thread.Yield();
                }
            }
            catch (Exception e)
            {
                failure = e;
                machine.RequestStop();
            }
        });
        disturber.Start();
        Exception? run = Record.Exception(machine.Run);
        Volatile.Write(ref running, 0);
        disturber.Join();

        Assert.True(failure == null && run == null, $"{failure}\n{run}");
        Assert.True(failure == null, failure?.ToString());
        Assert.Null(machine.BackendNotice);
        Assert.Equal((expected, null, 0L), (console.ToString(), machine.Fault, machine.ExitCode));
    }
}
