using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;

namespace Verify.Benchmarks.Dirty;

/// <summary>
/// What memory allows: vector loops over the bytes that <see cref="SyncBenchmarks{TDesign, TView}"/> moves, one cold call an iteration. Mean is one KiB of
/// bitmap, as there.
/// </summary>
[Config(typeof(ShortConfig))]
public unsafe class MemoryBandwidth
{
    private const long Words = 1 << 18;
    private const int KiB = (int)(Words / 128);

    private ulong* _bitmap, _destination;

    [GlobalSetup]
    public void Setup()
    {
        _bitmap = (ulong*)NativeMemory.AlignedAlloc((nuint)(Words * 8), 64);
        _destination = (ulong*)NativeMemory.AlignedAlloc((nuint)(Words * 8), 64);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        NativeMemory.AlignedFree(_bitmap);
        NativeMemory.AlignedFree(_destination);
    }

    // The order of SyncBenchmarks: the destination first.
    [IterationSetup]
    public void Touch()
    {
        new Span<ulong>(_destination, (int)Words).Clear();
        new Span<ulong>(_bitmap, (int)Words).Fill(ulong.MaxValue);
    }

    [Benchmark(OperationsPerInvoke = KiB)]
    public void Copy()
    {
        for (long i = 0; i < Words; i += 4)
            Vector256.Load(_bitmap + i).Store(_destination + i);
    }

    [Benchmark(OperationsPerInvoke = KiB)]
    public void Or()
    {
        for (long i = 0; i < Words; i += 4)
            (Vector256.Load(_bitmap + i) | Vector256.Load(_destination + i)).Store(_destination + i);
    }

    /// <summary>As a sync must: or into the destination, and clear.</summary>
    [Benchmark(OperationsPerInvoke = KiB)]
    public void OrAndClear()
    {
        for (long i = 0; i < Words; i += 4)
        {
            (Vector256.Load(_bitmap + i) | Vector256.Load(_destination + i)).Store(_destination + i);
            Vector256<ulong>.Zero.Store(_bitmap + i);
        }
    }
}
