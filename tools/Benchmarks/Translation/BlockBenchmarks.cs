using BenchmarkDotNet.Attributes;
using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Benchmarks.Translation;

/// <summary>What a strategy costs where blocks are found, and where one is thrown away and made again. One vCPU, uncontended.</summary>
[Config(typeof(ShortConfig))]
public class BlockBenchmarks
{
    private const int Turns = 1024, Invalidations = 64;

    private Machine _machine = null!;
    private VCpu _cpu = null!;
    private TbCode _origin = null!;

    [ParamsSource(nameof(Names))]
    public string Strategy { get; set; } = "";

    /// <summary>Values of <see cref="Strategy"/>.</summary>
    public IEnumerable<string> Names => MeasuredStrategies.Names;

    [ParamsSource(nameof(Backends))]
    public string Backend { get; set; } = "interp";

    /// <summary>Values of <see cref="Backend"/>.</summary>
    public IEnumerable<string> Backends => MeasuredMachines.Backends;

    [GlobalSetup]
    public void Setup()
    {
        _machine = GuestRow.Make(Strategy, blocks: 256, backend: MeasuredMachines.Kind(Backend));
        _cpu = _machine.Cpus[0];
        _machine.CpuExecStart(_cpu);
        _origin = Find(0, null);
        Find(1, _origin);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _machine.CpuExecEnd(_cpu);
        _machine.Dispose();
    }

    /// <summary>A turn of the main loop that finds its block in the jump cache and its last exit linked: what every unlinked exit costs.</summary>
    [Benchmark(OperationsPerInvoke = Turns)]
    public void MainLoopTurn()
    {
        for (int i = 0; i < Turns; i++)
        {
            Find(1, _origin);
        }
    }

    /// <summary>A block of four instructions is invalidated, translated again, and the jump to it linked again. Flushes included: the slots run out.</summary>
    [Benchmark(OperationsPerInvoke = Invalidations)]
    public void InvalidateRetranslateRelink()
    {
        for (int i = 0; i < Invalidations; i++)
        {
            InvalidateOnce();
        }
    }

    private void InvalidateOnce()
    {
        _machine.TbPhysInvalidate(GuestRow.Pc(1));
        _cpu.Pc = GuestRow.Pc(1);
        if (_machine.TbFind(_cpu, _origin, 0) == null)
        {
            _machine.CpuExecEnd(_cpu);
            _machine.ProcessQueuedWork(_cpu);
            _machine.CpuExecStart(_cpu);
            _origin = Find(0, null);
        }
        else if (_origin.Slot.Generation != _origin.Generation)
        {
            _origin = Find(0, null); // it was flushed with the rest
        }
    }

    private TbCode Find(int block, TbCode? last)
    {
        _cpu.Pc = GuestRow.Pc(block);
        return _machine.TbFind(_cpu, last, last == null ? Machine.NoExit : 0)!;
    }
}
