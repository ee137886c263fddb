using BenchmarkDotNet.Attributes;
using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Benchmarks.Translation;

/// <summary>Whole guests that load the protocol: each vCPU does the same work. Mean is one run, from start to end.</summary>
[Config(typeof(ShortConfig))]
public class GuestBenchmarks
{
    private const ulong Start = 0x8000_0000;
    private const int Turns = 2000;

    private GuestImage _chain = null!, _modify = null!;

    [ParamsSource(nameof(Names))]
    public string Strategy { get; set; } = "";

    /// <summary>Values of <see cref="Strategy"/>.</summary>
    public IEnumerable<string> Names => MeasuredStrategies.Names;

    [Params(1, 2, 4)]
    public int Cpus { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        // A loop of eight blocks of one jump each, round and round: nothing but passing from block to block.
        _chain = Image([.. Count(20 * Turns), .. Enumerable.Repeat(0x0040006fu, 7), 0xfff50513, 0xfe0510e3 /* bne a0, zero, -32 */, .. s_exit]);

        // Each hart writes into its own page of code and runs what it has written: sd; fence.i; jalr; ret.
        _modify = Image(
        [
            0xf1402373,                                             // csrr t1, mhartid
            0x00130313, 0x00c31313,                                 // addi t1, t1, 1; slli t1, t1, 12
            0x00000297, 0xff428293,                                 // auipc t0, 0; addi t0, t0, -12
            0x006282b3,                                             // add t0, t0, t1: the hart's page
            0x000083b7, 0x06738393,                                 // lui t2, 8; addi t2, t2, 0x67: ret
            .. Count(Turns),
            0x0072a023, 0x0000100f, 0x000280e7,                     // sw t2, 0(t0); fence.i; jalr ra, 0(t0)
            0xfff50513, 0xfe0518e3,                                 // addi a0, a0, -1; bne a0, zero, -16
            .. s_exit,
        ]);
    }

    /// <summary>Two thousand turns of a store into code, fence.i and a call of it, on each vCPU.</summary>
    [Benchmark(OperationsPerInvoke = Turns)]
    public long SelfModify() => Run(_modify, 1 << 10);

    /// <summary>Blocks of one instruction, chained: what a check at each block's entry would cost.</summary>
    [Benchmark(OperationsPerInvoke = 20 * Turns * 8)]
    public long Chained() => Run(_chain, 1 << 10);

    /// <summary>The loop of eight blocks in a cache of six: a flush every few blocks.</summary>
    [Benchmark(OperationsPerInvoke = Turns)]
    public long FlushStorm() => Run(_storm ??= Image([.. Count(Turns), .. Enumerable.Repeat(0x0040006fu, 7), 0xfff50513, 0xfe0510e3, .. s_exit]), 6);

    private GuestImage? _storm;

    private static readonly uint[] s_exit = [0x05d00893, 0x00000073]; // li a7, 93; ecall

    // lui a0 and addi a0: the number of turns
    private static uint[] Count(int turns)
    {
        int high = (turns + 0x800) >> 12, low = turns - (high << 12);
        return [(uint)high << 12 | 0x537, (uint)(low & 0xfff) << 20 | 0x50513];
    }

    private static GuestImage Image(uint[] words)
    {
        byte[] bytes = [.. words.SelectMany(BitConverter.GetBytes)];
        return new GuestImage("load", Start, null, null, [new GuestSegment(Start, bytes, (ulong)bytes.Length)]);
    }

    private long Run(GuestImage image, int capacity)
    {
        using Machine machine = InvalidationCatalog.Find(Strategy).Create<PlainMemory, NoAudit>(
            image, new MachineOptions { Cpus = Cpus, RamSize = 8 * GuestRam.PageSize, TbCapacity = capacity });
        machine.Run();
        return machine.Fault is { } fault ? throw new InvalidOperationException(fault.ToString()) : machine.Cpus.Sum(cpu => cpu.Instructions);
    }
}
