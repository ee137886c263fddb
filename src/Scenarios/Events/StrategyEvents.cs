using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Events;

/// <summary>What a strategy's machine does, with two vCPUs whose jump caches have their usual 4,096 entries each.</summary>
internal static class StrategyEvents
{
    private const int Cpus = 2, MostBlocks = 100;

    // Block i is one jump to block i + 1.
    private static readonly GuestImage s_row = GuestCode.Image(
        [.. Enumerable.Repeat(GuestCode.Jump(4), MostBlocks), GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall]);

    /// <summary>A turn of the main loop that finds its block in the jump cache and its last exit linked.</summary>
    internal static CountedEvent Turn(InvalidationEntry design)
    {
        Machine machine = null!;
        TbCode origin = null!;
        return new CountedEvent(
            () =>
            {
                machine = Make(design);
                machine.CpuExecStart(machine.Cpus[0]);
                origin = Find(machine, 0, null);
                Find(machine, 1, origin);
                Find(machine, 1, origin);
            },
            () => Find(machine, 1, origin),
            () =>
            {
                machine.CpuExecEnd(machine.Cpus[0]);
                machine.Dispose();
            });
    }

    /// <summary>A block is invalidated that one other is linked to, with no vCPU in its loop.</summary>
    internal static CountedEvent Invalidate(InvalidationEntry design)
    {
        Machine machine = null!;
        return new CountedEvent(
            () =>
            {
                machine = Make(design);
                Fill(machine, 3);
            },
            () => machine.TbPhysInvalidate(Pc(1)),
            () => machine.Dispose());
    }

    /// <summary>A flush that throws so many blocks away, with no vCPU in its loop.</summary>
    internal static CountedEvent Flush(InvalidationEntry design, int blocks)
    {
        Machine machine = null!;
        return new CountedEvent(
            () =>
            {
                machine = Make(design);
                Fill(machine, blocks);
            },
            () => machine.TbFlush(),
            () => machine.Dispose());
    }

    private static Machine Make(InvalidationEntry design) => design.Create<PlainMemory, NoAudit>(
        s_row, new MachineOptions { Cpus = Cpus, RamSize = GuestRam.PageSize, TbCapacity = 2 * MostBlocks });

    // Each linked to the one before, as a vCPU that runs through them leaves them.
    private static void Fill(Machine machine, int blocks)
    {
        VCpu cpu = machine.Cpus[0];
        machine.CpuExecStart(cpu);
        TbCode? last = null;
        for (int i = 0; i < blocks; i++)
        {
            last = Find(machine, i, last);
        }

        machine.CpuExecEnd(cpu);
    }

    private static ulong Pc(int block) => GuestCode.Start + (4 * (ulong)block);

    private static TbCode Find(Machine machine, int block, TbCode? last)
    {
        VCpu cpu = machine.Cpus[0];
        cpu.Pc = Pc(block);
        return machine.TbFind(cpu, last, last == null ? Machine.NoExit : 0)!;
    }
}
