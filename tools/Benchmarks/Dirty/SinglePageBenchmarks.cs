using BenchmarkDotNet.Attributes;
using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Benchmarks.Dirty;

/// <summary>One page at a time, uncontended; the bitmap is in the first-level cache. Mean is one operation.</summary>
[Config(typeof(ShortConfig))]
[GenericTypeArguments(typeof(ByteFlags), typeof(ByteFlagsView<NoSummary>))]
[GenericTypeArguments(typeof(ByteFlagsWordCounter), typeof(ByteFlagsView<WordCounterSummary>))]
[GenericTypeArguments(typeof(ByteFlagsSummaryBit), typeof(ByteFlagsView<BitSummary>))]
[GenericTypeArguments(typeof(ClientBitmaps), typeof(BitmapView<FlatStore, AtomicBits>))]
[GenericTypeArguments(typeof(MasterBitmap), typeof(MasterBitmapView<AtomicBits, ExchangeDrain>))]
[GenericTypeArguments(typeof(RcuBlocks), typeof(BitmapView<BlockStore<SymmetricRcu>, AtomicBits>))]
[GenericTypeArguments(typeof(RcuBlocksAsymmetric), typeof(BitmapView<BlockStore<AsymmetricRcu>, AtomicBits>))]
[GenericTypeArguments(typeof(RcuBlocksInSection), typeof(BitmapView<BlockStore<SymmetricRcu>, AtomicBits>))]
public class SinglePageBenchmarks<TDesign, TView>
    where TDesign : struct, IMeasured<TView>
    where TView : struct, IDirtyMemory
{
    private const int Operations = 4096, Pages = 1 << 16;

    private IDirtyMemoryDesign _design = null!;
    private TView _view;

    [GlobalSetup]
    public void Setup()
    {
        _design = default(TDesign).Create(new DirtyMemoryOptions { Pages = Pages, MaxPages = Pages });
        _view = default(TDesign).Attach(_design);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        default(TDesign).Detach(_view);
        _design.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Operations)]
    public void SetOne()
    {
        TView view = _view;
        for (long i = 0; i < Operations; i++)
            view.SetDirty(i * 67 & (Pages - 1), DirtyClient.Migration);
    }

    [Benchmark(OperationsPerInvoke = Operations)]
    public void SetAllClients()
    {
        TView view = _view;
        for (long i = 0; i < Operations; i++)
            view.SetDirty(i * 67 & (Pages - 1));
    }

    [Benchmark(OperationsPerInvoke = Operations)]
    public int TestOne()
    {
        TView view = _view;
        int dirty = 0;
        for (long i = 0; i < Operations; i++)
            dirty += view.GetDirty(i * 67 & (Pages - 1), DirtyClient.Migration) ? 1 : 0;
        return dirty;
    }
}
