using BenchmarkDotNet.Attributes;
using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Benchmarks.Translation;

/// <summary>Every vCPU runs the same loop of 40 million instructions: with perfect scaling two take as long as one.</summary>
[Config(typeof(ShortConfig))]
public class TwoCpusBenchmarks
{
    private const ulong Start = 0x8000_0000;

    // lui a0, 0x1312 (20 million); loop: addi a0, a0, -1; bne a0, zero, loop; li a7, 93; ecall
    private static readonly uint[] s_loop = [0x01312537, 0xfff50513, 0xfe051ee3, 0x05d00893, 0x00000073];

    [Params("per-cpu-flag", "exclusive-flush")]
    public string Strategy { get; set; } = "";

    [Params(1, 2)]
    public int Cpus { get; set; }

    [Benchmark]
    public long Run()
    {
        byte[] bytes = [.. s_loop.SelectMany(BitConverter.GetBytes)];
        GuestImage image = new("loop", Start, null, null, [new GuestSegment(Start, bytes, (ulong)bytes.Length)]);
        using Machine machine = InvalidationCatalog.Find(Strategy).Create<PlainMemory, NoAudit>(
            image, new MachineOptions { Cpus = Cpus, RamSize = GuestRam.PageSize });
        machine.Run();
        return machine.Cpus.Sum(cpu => cpu.Instructions);
    }
}
