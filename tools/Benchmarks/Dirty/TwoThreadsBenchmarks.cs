using BenchmarkDotNet.Attributes;
using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Benchmarks.Dirty;

/// <summary>Two threads set single pages. Mean is one operation of one thread, thread creation included and amortised.</summary>
[Config(typeof(ShortConfig))]
[GenericTypeArguments(typeof(ByteFlags), typeof(ByteFlagsView<NoSummary>))]
[GenericTypeArguments(typeof(ByteFlagsWordCounter), typeof(ByteFlagsView<WordCounterSummary>))]
[GenericTypeArguments(typeof(ByteFlagsSummaryBit), typeof(ByteFlagsView<BitSummary>))]
[GenericTypeArguments(typeof(ClientBitmaps), typeof(BitmapView<FlatStore, AtomicBits>))]
[GenericTypeArguments(typeof(MasterBitmap), typeof(MasterBitmapView<AtomicBits, ExchangeDrain>))]
[GenericTypeArguments(typeof(RcuBlocks), typeof(BitmapView<BlockStore<SymmetricRcu>, AtomicBits>))]
[GenericTypeArguments(typeof(RcuBlocksAsymmetric), typeof(BitmapView<BlockStore<AsymmetricRcu>, AtomicBits>))]
public class TwoThreadsBenchmarks<TDesign, TView>
    where TDesign : struct, IMeasured<TView>
    where TView : struct, IDirtyMemory
{
    private const int Operations = 500_000, Pages = 1 << 16;

    private IDirtyMemoryDesign _design = null!;

    /// <summary>Both threads in the same word, or 32 Ki pages apart.</summary>
    [Params(true, false)]
    public bool SameWord { get; set; }

    [GlobalSetup]
    public void Setup() => _design = default(TDesign).Create(new DirtyMemoryOptions { Pages = Pages, MaxPages = Pages });

    [GlobalCleanup]
    public void Cleanup() => _design.Dispose();

    [Benchmark(OperationsPerInvoke = Operations)]
    public void SetOneOnTwoThreads()
    {
        Thread other = new(() => Run(1));
        other.Start();
        Run(0);
        other.Join();
    }

    private void Run(int thread)
    {
        TView view = default(TDesign).Attach(_design);
        long start = SameWord ? thread : thread * (Pages / 2), mask = SameWord ? 62 : Pages / 2 - 1;
        for (long i = 0; i < Operations; i++)
            view.SetDirty(start + (i * 68 & mask), DirtyClient.Migration);
        default(TDesign).Detach(view);
    }
}
