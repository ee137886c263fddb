using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Verify.Checker.MemoryModels;
using Verify.Checker.Races;

namespace Verify.Benchmarks.Models;

/// <summary>
/// What an access costs under a memory model, scheduling apart: one thread drives the machine for several, in executions of
/// <see cref="Accesses"/> accesses over native memory. The goal is below 200 ns with race detection.
/// </summary>
[MemoryDiagnoser]
public unsafe class WeakMemoryBenchmarks
{
    private const int Accesses = 10_000;
    private const int Words = 1000;
    private const int FewWords = 8;

    private readonly int[] _draws = new int[Accesses];
    private byte* _memory;
    private WeakMemory<ProcessMemory> _machine = null!;
    private RandomWeakChoices _choices = null!;

    [Params("sc", "tso", "dotnet")]
    public string Model { get; set; } = "dotnet";

    [Params(4, 16)]
    public int Threads { get; set; } = 4;

    [Params(false, true)]
    public bool Races { get; set; } = true;

    [GlobalSetup]
    public void Setup()
    {
        _memory = (byte*)NativeMemory.AlignedAlloc(Words * 8, 64);
        new Span<byte>(_memory, Words * 8).Clear();
        _choices = new RandomWeakChoices(1) { StaleRate = 0.25, DelayRate = 0.25, MaxDelay = 16 };
        _machine = new WeakMemory<ProcessMemory>(
            default, new MemoryModelOptions { Model = MemoryModel.Parse(Model) }, _choices, Races ? new RaceDetector() : null);
        Random random = new(1);
        for (int i = 0; i < Accesses; i++)
            _draws[i] = random.Next();
    }

    [GlobalCleanup]
    public void Cleanup() => NativeMemory.AlignedFree(_memory);

    [Benchmark(OperationsPerInvoke = Accesses, Description = "volatile read, no history")]
    public ulong VolatileReads()
    {
        _machine.Reset();
        ulong sum = 0;
        for (int i = 0; i < Accesses; i++)
            sum += _machine.Read(Thread(i), Word(i, FewWords), 8, AccessKind.Volatile, i & 63);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Accesses, Description = "70/30 volatile")]
    public void VolatileMix() => Mix(AccessKind.Volatile, FewWords);

    [Benchmark(OperationsPerInvoke = Accesses, Description = "70/30 plain")]
    public void PlainMix() => Mix(AccessKind.Plain, FewWords);

    [Benchmark(OperationsPerInvoke = Accesses, Description = "70/30 plain and volatile, 1000 locations")]
    public void WideMix()
    {
        _machine.Reset();
        for (int i = 0; i < Accesses; i++)
        {
            AccessKind kind = (_draws[i] & 0x100) == 0 ? AccessKind.Plain : AccessKind.Volatile;
            Access(i, kind, Words);
        }
    }

    [Benchmark(OperationsPerInvoke = Accesses, Description = "Interlocked.Add")]
    public void InterlockedAdds()
    {
        _machine.Reset();
        for (int i = 0; i < Accesses; i++)
            _machine.Add(Thread(i), Word(i, FewWords), 8, 1, AccessKind.Plain, i & 63);
    }

    private void Mix(AccessKind kind, int words)
    {
        _machine.Reset();
        for (int i = 0; i < Accesses; i++)
            Access(i, kind, words);
    }

    private void Access(int i, AccessKind kind, int words)
    {
        if ((_draws[i] >> 10) % 10 < 7)
            _machine.Read(Thread(i), Word(i, words), 8, kind, i & 63);
        else
            _machine.Write(Thread(i), Word(i, words), 8, (ulong)i, kind, i & 63);
    }

    private int Thread(int i) => _draws[i] & (Threads - 1);

    private nuint Word(int i, int words) => (nuint)(_memory + ((_draws[i] >> 14) % words * 8));
}
