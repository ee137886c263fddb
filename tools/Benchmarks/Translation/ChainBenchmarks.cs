using BenchmarkDotNet.Attributes;
using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Benchmarks.Translation;

/// <summary>Passing from block to block and nothing else, on one vCPU. Mean is one block; making the machine is not measured.</summary>
[Config(typeof(ShortConfig))]
public class ChainBenchmarks
{
    private const int Turns = 20_000, Blocks = 8;

    private GuestImage _chain = null!, _indirect = null!;
    private Machine _machine = null!;

    [ParamsSource(nameof(Names))]
    public string Strategy { get; set; } = "";

    /// <summary>Values of <see cref="Strategy"/>.</summary>
    public IEnumerable<string> Names => MeasuredStrategies.Names;

    [ParamsSource(nameof(Backends))]
    public string Backend { get; set; } = "interp";

    /// <summary>Values of <see cref="Backend"/>.</summary>
    public IEnumerable<string> Backends => MeasuredMachines.BackendsIfFull;

    [GlobalSetup]
    public void Setup()
    {
        _chain = GuestCode.Image(GuestCode.Count(Turns), GuestCode.Jumps(Blocks - 1), GuestCode.Again(Blocks - 1), GuestCode.Exit);
        _indirect = GuestCode.Image(GuestCode.Count(Turns), GuestCode.IndirectJumps(Blocks - 1), GuestCode.Again(2 * (Blocks - 1)), GuestCode.Exit);
    }

    [IterationSetup(Target = nameof(Chained))]
    public void MakeChained() => _machine = Make(_chain);

    [IterationSetup(Target = nameof(Indirect))]
    public void MakeIndirect() => _machine = Make(_indirect);

    [IterationCleanup]
    public void Dispose() => _machine.Dispose();

    /// <summary>Blocks of one instruction, chained: what a check at each block's entry would cost.</summary>
    [Benchmark(OperationsPerInvoke = Turns * Blocks)]
    public long Chained() => Run();

    /// <summary>Blocks of two instructions that end in an indirect jump, whose target is looked up in the jump cache.</summary>
    [Benchmark(OperationsPerInvoke = Turns * (Blocks - 1))]
    public long Indirect() => Run();

    private Machine Make(GuestImage image) => InvalidationCatalog.Find(Strategy).Create<PlainMemory, NoAudit>(
        image,
        new MachineOptions { RamSize = 8 * GuestRam.PageSize, TbCapacity = 1 << 10, Backend = MeasuredMachines.Kind(Backend), NativeCodeBytes = 4 << 20 });

    private long Run()
    {
        _machine.Run();
        return _machine.Fault is { } fault ? throw new InvalidOperationException(fault.ToString()) : _machine.Cpus[0].Instructions;
    }
}
