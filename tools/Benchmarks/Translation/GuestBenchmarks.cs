using BenchmarkDotNet.Attributes;
using Verify.Engine.Auditing;
using Verify.Engine.Backends;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Benchmarks.Translation;

/// <summary>Whole guests that load the protocol: each vCPU does the same work. Mean is one turn of it; making the machine is not measured.</summary>
[Config(typeof(ShortConfig))]
public class GuestBenchmarks
{
    private const int Modifications = 500, Turns = 250, Blocks = 8, SmallCache = 6;

    private GuestImage _modify = null!, _storm = null!;
    private Machine _machine = null!;

    [ParamsSource(nameof(Names))]
    public string Strategy { get; set; } = "";

    /// <summary>Values of <see cref="Strategy"/>.</summary>
    public IEnumerable<string> Names => MeasuredStrategies.Names;

    [ParamsSource(nameof(Machines))]
    public string Machine { get; set; } = "interp/1";

    /// <summary>Values of <see cref="Machine"/>.</summary>
    public IEnumerable<string> Machines => MeasuredMachines.All;

    [GlobalSetup]
    public void Setup()
    {
        // Each hart writes into its own page of code and runs what it has written: sw; fence.i; jalr; ret.
        _modify = GuestCode.Image(
        [
            0xf1402373,                                             // csrr t1, mhartid
            0x00130313, 0x00c31313,                                 // addi t1, t1, 1; slli t1, t1, 12
            0x00000297, 0xff428293,                                 // auipc t0, 0; addi t0, t0, -12
            0x006282b3,                                             // add t0, t0, t1: the hart's page
            0x000083b7, 0x06738393,                                 // lui t2, 8; addi t2, t2, 0x67: ret
            .. GuestCode.Count(Modifications),
            0x0072a023, 0x0000100f, 0x000280e7,                     // sw t2, 0(t0); fence.i; jalr ra, 0(t0)
            .. GuestCode.Again(3),
            .. GuestCode.Exit,
        ]);
        _storm = GuestCode.Image(GuestCode.Count(Turns), GuestCode.Jumps(Blocks - 1), GuestCode.Again(Blocks - 1), GuestCode.Exit);
    }

    [IterationSetup(Target = nameof(SelfModify))]
    public void MakeModifying() => _machine = Make(_modify, 1 << 10);

    [IterationSetup(Target = nameof(FlushStorm))]
    public void MakeStorm() => _machine = Make(_storm, SmallCache);

    [IterationCleanup]
    public void Dispose() => _machine.Dispose();

    /// <summary>A store into code, fence.i and a call of it, on each vCPU.</summary>
    [Benchmark(OperationsPerInvoke = Modifications)]
    public long SelfModify() => Run();

    /// <summary>The loop of eight blocks in a cache of six: a flush every few blocks.</summary>
    [Benchmark(OperationsPerInvoke = Turns)]
    public long FlushStorm() => Run();

    private Machine Make(GuestImage image, int capacity)
    {
        (BackendKind backend, int cpus) = MeasuredMachines.Parse(Machine);
        return InvalidationCatalog.Find(Strategy).Create<PlainMemory, NoAudit>(
            image,
            new MachineOptions { Cpus = cpus, RamSize = 8 * GuestRam.PageSize, TbCapacity = capacity, Backend = backend, NativeCodeBytes = 4 << 20 });
    }

    private long Run()
    {
        _machine.Run();
        return _machine.Fault is { } fault ? throw new InvalidOperationException(fault.ToString()) : _machine.Cpus.Sum(cpu => cpu.Instructions);
    }
}
