using System.Diagnostics;
using System.Globalization;
using Verify.Benchmarks.Translation;
using Verify.Engine.Auditing;
using Verify.Engine.Backends;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Benchmarks.Backend;

/// <summary>
/// What translation, self-modifying code and a garbage collection cost with each back end: the least of many batches of a few milliseconds, short
/// enough that other work leaves some of them alone. Of the pause the median.
/// </summary>
internal static class BackendParts
{
    private const int Batches = 200, Blocks = 2_000;

    internal static void Run()
    {
        Console.WriteLine("\n| back end | translate, µs a block of 4 | invalidate, retranslate, relink, µs | SMC guest, µs an iteration | pause of a collection, µs |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        foreach ((string name, BackendKind kind) in
            new[] { ("interp", BackendKind.Interpreter), ("x64", BackendKind.X64), ("x64-flat", BackendKind.X64Flat) })
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {Translate(kind):F2} | {Relink(kind):F2} | {SelfModifying(kind):F2} | {Pause(kind):F0} |"));
        }
    }

    // From the guest's bytes to a published block, after the translator has been compiled.
    private static double Translate(BackendKind kind)
    {
        using Machine machine = GuestRow.Make("exclusive-flush", Blocks, backend: kind);
        VCpu cpu = machine.Cpus[0];
        return Least(() =>
        {
            machine.TbFlush();
            machine.CpuExecStart(cpu);
            double took = Microseconds(() =>
            {
                for (int i = 0; i < Blocks; i++)
                {
                    cpu.Pc = GuestRow.Pc(i);
                    machine.TbFind(cpu);
                }
            });
            machine.CpuExecEnd(cpu);
            return took / Blocks;
        });
    }

    private static double Relink(BackendKind kind)
    {
        using Machine machine = GuestRow.Make("exclusive-flush", Blocks, backend: kind);
        VCpu cpu = machine.Cpus[0];
        return Least(() =>
        {
            machine.TbFlush();
            machine.CpuExecStart(cpu);
            cpu.Pc = GuestRow.Pc(0);
            TbCode origin = machine.TbFind(cpu, null, Machine.NoExit)!;
            cpu.Pc = GuestRow.Pc(1);
            machine.TbFind(cpu, origin, 0);
            double took = Microseconds(() =>
            {
                for (int i = 0; i < Blocks - 8; i++)
                {
                    machine.TbPhysInvalidate(GuestRow.Pc(1));
                    machine.TbFind(cpu, origin, 0);
                }
            });
            machine.CpuExecEnd(cpu);
            return took / (Blocks - 8);
        });
    }

    // guests/src/smc.c: 2,000 iterations of storing into a function, fence.i and calling it.
    private static double SelfModifying(BackendKind kind)
    {
        GuestImage image = ElfLoader.ReadFile(Peer.PathOf("", "smc"));
        return Least(() => Microseconds(() => GuestRun.Execute(
            image, 1, "exclusive-flush", new MachineOptions { Backend = kind, RamSize = 1 << 20 }, TextWriter.Null)) / 2_000);
    }

    // Wall clock of the thread that forces it, while two vCPUs run.
    private static double Pause(BackendKind kind)
    {
        using Machine machine = InvalidationCatalog.Find("per-cpu-flag").Create<PlainMemory, NoAudit>(
            ElfLoader.ReadFile(Peer.PathOf("user", "lcg")), new MachineOptions { Backend = kind, Cpus = 2, RamSize = 4 << 20 });
        Thread run = new(machine.Run);
        run.Start();
        while (machine.TranslatedCount < 5)
        {
            Thread.Sleep(1);
        }

        List<double> pauses = [];
        for (int i = 0; i < 40; i++)
        {
            long start = Stopwatch.GetTimestamp();
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
            pauses.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        machine.RequestStop();
        run.Join();
        return pauses.Order().ElementAt(pauses.Count / 2);
    }

    private static double Microseconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    private static double Least(Func<double> batch)
    {
        for (int i = 0; i < 40; i++)
        {
            batch(); // until all of it is compiled for good
        }

        return Enumerable.Range(0, Batches).Min(_ => batch());
    }
}
