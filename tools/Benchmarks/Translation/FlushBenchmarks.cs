using BenchmarkDotNet.Attributes;
using Verify.Engine.Execution;

namespace Verify.Benchmarks.Translation;

/// <summary>A flush, by the number of blocks that are thrown away. Mean is one flush.</summary>
[Config(typeof(SlowSetupConfig))]
public class FlushBenchmarks
{
    private Machine _machine = null!;

    [ParamsSource(nameof(Names))]
    public string Strategy { get; set; } = "";

    /// <summary>Values of <see cref="Strategy"/>.</summary>
    public IEnumerable<string> Names => MeasuredStrategies.Names;

    [Params(1, 1_000, 100_000)]
    public int Blocks { get; set; }

    [ParamsSource(nameof(Backends))]
    public string Backend { get; set; } = "interp";

    /// <summary>Values of <see cref="Backend"/>.</summary>
    public IEnumerable<string> Backends => MeasuredMachines.BackendsIfFull;

    [GlobalSetup]
    public void Setup() => _machine = GuestRow.Make(Strategy, Blocks, backend: MeasuredMachines.Kind(Backend));

    [GlobalCleanup]
    public void Cleanup() => _machine.Dispose();

    [IterationSetup]
    public void Fill()
    {
        VCpu cpu = _machine.Cpus[0];
        for (int i = 0; i < Blocks; i++)
        {
            cpu.Pc = GuestRow.Pc(i);
            _machine.TbFind(cpu);
        }
    }

    [Benchmark]
    public void Flush() => _machine.TbFlush();
}
