using BenchmarkDotNet.Attributes;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Checker.Shims;

namespace Verify.Benchmarks.Models;

/// <summary>
/// What an access of rewritten code costs in a controlled execution, scheduling point included where it is one: two threads, executions of
/// <see cref="Accesses"/> accesses to fields of <see cref="Objects"/> objects. The goal is below 200 ns more under a model with race detection.
/// </summary>
[ShortRunJob]
public class ControlledAccessBenchmarks
{
    private const int Accesses = 20_000;
    private const int Objects = 500;

    private readonly Cell[] _cells = [.. Enumerable.Range(0, Objects).Select(_ => new Cell())];

    private sealed class Cell
    {
        internal long Value;
        internal object? Reference;
    }

    [Params("off", "sc", "tso", "dotnet")]
    public string Model { get; set; } = "dotnet";

    private MemoryOptions Memory => Model == "off" ? MemoryOptions.Default : MemoryOptions.For(Model, RaceMode.Report);

    [Benchmark(OperationsPerInvoke = Accesses, Description = "plain 70/30")]
    public long Plain() => Run(i =>
    {
        Cell cell = _cells[i % Objects];
        if (i % 10 < 7)
            PlainShim.Load(ref cell.Value, 0);
        else
            PlainShim.Store(ref cell.Value, i, 0);
    });

    [Benchmark(OperationsPerInvoke = Accesses, Description = "plain references 70/30")]
    public long References() => Run(i =>
    {
        Cell cell = _cells[i % Objects];
        if (i % 10 < 7)
            PlainShim.Load(ref cell.Reference, 0);
        else
            PlainShim.Store(ref cell.Reference, cell, 0);
    });

    [Benchmark(OperationsPerInvoke = Accesses, Description = "volatile 70/30")]
    public long VolatileMix() => Run(i =>
    {
        Cell cell = _cells[i % Objects];
        if (i % 10 < 7)
            VolatileShim.Read(ref cell.Value, 0);
        else
            VolatileShim.Write(ref cell.Value, i, 0);
    });

    [Benchmark(OperationsPerInvoke = Accesses, Description = "Interlocked.Add")]
    public long InterlockedAdd() => Run(i => InterlockedShim.Add(ref _cells[i % Objects].Value, 1, 0));

    private long Run(Action<int> access) => Explorer.Explore(
        () =>
        {
            Thread other = ThreadShim.Create(new ThreadStart(() => Loop(access)), 0);
            ThreadShim.Start(other, 0);
            Loop(access);
            ThreadShim.Join(other, 0);
        },
        new ExplorationOptions { Strategy = "pct", Schedules = 1, MaxSteps = 1_000_000, Memory = Memory }).Decisions;

    private static void Loop(Action<int> access)
    {
        for (int i = 0; i < Accesses / 2; i++)
            access(i);
    }
}
