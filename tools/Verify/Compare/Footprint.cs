using Verify.Cli.Pictures;
using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Compare;

/// <summary>What a strategy takes beside time: memory, and lines to understand.</summary>
internal static class Footprint
{
    private const int Blocks = 1024, Cpus = 8;
    private const ulong Start = 0x8000_0000;

    // ecall: a guest that is never run
    private static readonly GuestImage s_guest = new("nothing", Start, null, null, [new GuestSegment(Start, BitConverter.GetBytes(0x73), 4)]);

    /// <summary>Managed bytes that one more slot for a translation block costs, its ops not counted.</summary>
    internal static double BytesPerBlock(InvalidationEntry strategy) =>
        (Bytes(strategy, 2 * Blocks, 1) - Bytes(strategy, Blocks, 1)) / (double)Blocks;

    /// <summary>Managed bytes that one more vCPU costs, most of which are its TLB and its jump cache.</summary>
    internal static double BytesPerCpu(InvalidationEntry strategy) =>
        (Bytes(strategy, Blocks, 2 * Cpus) - Bytes(strategy, Blocks, Cpus)) / (double)Cpus;

    /// <summary>Lines of the strategy's file that are neither empty nor comment; null when its assembly has no sources in its symbols.</summary>
    internal static int? Lines(InvalidationEntry strategy)
    {
        var sources = new SourceLines(strategy.Strategy.Assembly.Location);
        string[] lines = sources.Declaring(strategy.Strategy.Name);
        int count = lines.Count(l => l.Trim() is { Length: > 0 } text && !text.StartsWith("//", StringComparison.Ordinal));
        return count > 0 ? count : null;
    }

    private static long Bytes(InvalidationEntry strategy, int blocks, int cpus)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        using Machine machine = strategy.Create<PlainMemory, NoAudit>(
            s_guest, new MachineOptions { Cpus = cpus, TbCapacity = blocks, CodeCapacity = 1, RamSize = GuestRam.PageSize });
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
