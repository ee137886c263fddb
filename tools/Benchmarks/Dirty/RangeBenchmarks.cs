using BenchmarkDotNet.Attributes;
using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Benchmarks.Dirty;

/// <summary>Ranges of 64 GiB of guest memory. Mean is one KiB of bitmap (8192 pages), for every design: 1024 / mean is GB/s of bitmap.</summary>
[Config(typeof(ShortConfig))]
[GenericTypeArguments(typeof(ByteFlags), typeof(ByteFlagsView<NoSummary>))]
[GenericTypeArguments(typeof(ByteFlagsWordCounter), typeof(ByteFlagsView<WordCounterSummary>))]
[GenericTypeArguments(typeof(ByteFlagsSummaryBit), typeof(ByteFlagsView<BitSummary>))]
[GenericTypeArguments(typeof(ClientBitmaps), typeof(BitmapView<FlatStore, AtomicBits>))]
[GenericTypeArguments(typeof(MasterBitmap), typeof(MasterBitmapView<AtomicBits, ExchangeDrain>))]
[GenericTypeArguments(typeof(RcuBlocks), typeof(BitmapView<BlockStore<SymmetricRcu>, AtomicBits>))]
public class RangeBenchmarks<TDesign, TView>
    where TDesign : struct, IMeasured<TView>
    where TView : struct, IDirtyMemory
{
    private const long Pages = 1 << 24;
    private const int KiB = (int)(Pages / 8192);
    private static readonly PageRange s_all = new(0, Pages);

    private readonly ulong[] _destination = new ulong[Pages / 64];
    private IDirtyMemoryDesign _clean = null!, _dirty = null!;
    private TView _cleanView, _dirtyView;

    [GlobalSetup]
    public void Setup()
    {
        DirtyMemoryOptions options = new() { Pages = Pages, MaxPages = Pages };
        _clean = default(TDesign).Create(options);
        _cleanView = default(TDesign).Attach(_clean);
        // Touched once, so that the kernel's shared page of zeros is not what is measured.
        _cleanView.SetDirtyRange(s_all, DirtyClients.All);
        _cleanView.ClearDirtyRange(s_all, DirtyClients.All);
        _dirty = default(TDesign).Create(options);
        _dirtyView = default(TDesign).Attach(_dirty);
        _dirtyView.SetDirtyRange(s_all, DirtyClients.All);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        default(TDesign).Detach(_cleanView);
        default(TDesign).Detach(_dirtyView);
        _clean.Dispose();
        _dirty.Dispose();
    }

    [Benchmark(OperationsPerInvoke = KiB)]
    public bool AnyOfClean() => _cleanView.AnyDirty(s_all, DirtyClient.Migration);

    [Benchmark(OperationsPerInvoke = KiB)]
    public bool AllOfDirty() => _dirtyView.AllDirty(s_all, DirtyClient.Migration);

    [Benchmark(OperationsPerInvoke = KiB)]
    public void SetRangeOneClient() => _dirtyView.SetDirtyRange(s_all, DirtyClients.Migration);

    /// <summary>Dirties it again, which takes as long as <see cref="SetRangeOneClient"/>: subtract.</summary>
    [Benchmark(OperationsPerInvoke = KiB)]
    public bool SetAndTestAndClear()
    {
        _dirtyView.SetDirtyRange(s_all, DirtyClients.Migration);
        return _dirtyView.TestAndClearDirty(s_all, DirtyClient.Migration);
    }

    [Benchmark(OperationsPerInvoke = KiB)]
    public bool TestAndClearClean() => _cleanView.TestAndClearDirty(s_all, DirtyClient.Migration);
}

/// <summary>Sync of 64 GiB of guest memory, from clean to all dirty. Mean is one KiB of bitmap, as in
/// <see cref="RangeBenchmarks{TDesign, TView}"/>.</summary>
[Config(typeof(ShortConfig))]
[GenericTypeArguments(typeof(ByteFlags), typeof(ByteFlagsView<NoSummary>))]
[GenericTypeArguments(typeof(ByteFlagsWordCounter), typeof(ByteFlagsView<WordCounterSummary>))]
[GenericTypeArguments(typeof(ByteFlagsSummaryBit), typeof(ByteFlagsView<BitSummary>))]
[GenericTypeArguments(typeof(ClientBitmaps), typeof(BitmapView<FlatStore, AtomicBits>))]
[GenericTypeArguments(typeof(MasterBitmap), typeof(MasterBitmapView<AtomicBits, ExchangeDrain>))]
[GenericTypeArguments(typeof(RcuBlocks), typeof(BitmapView<BlockStore<SymmetricRcu>, AtomicBits>))]
[GenericTypeArguments(typeof(RcuBlocksAsymmetric), typeof(BitmapView<BlockStore<AsymmetricRcu>, AtomicBits>))]
public class SyncBenchmarks<TDesign, TView>
    where TDesign : struct, IMeasured<TView>
    where TView : struct, IDirtyMemory
{
    private const long Pages = 1 << 24;
    private const int KiB = (int)(Pages / 8192);

    private readonly ulong[] _destination = new ulong[Pages / 64];
    private IDirtyMemoryDesign _design = null!;
    private TView _view;

    /// <summary>One page in so many is dirty; 0 is none.</summary>
    [Params(0, 65536, 4096, 64, 1)]
    public int OneDirtyIn { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _design = default(TDesign).Create(new DirtyMemoryOptions { Pages = Pages, MaxPages = Pages });
        _view = default(TDesign).Attach(_design);
        _view.SetDirtyRange(new PageRange(0, Pages), DirtyClients.NoCode);
        _view.ClearDirtyRange(new PageRange(0, Pages), DirtyClients.NoCode);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        default(TDesign).Detach(_view);
        _design.Dispose();
    }

    [IterationSetup]
    public void MakeDirty()
    {
        Array.Clear(_destination);
        if (OneDirtyIn == 1)
            _view.SetDirtyRange(new PageRange(0, Pages), DirtyClients.NoCode);
        else if (OneDirtyIn != 0)
        {
            for (long page = 0; page < Pages; page += OneDirtyIn)
                _view.SetDirtyRange(new PageRange(page, 1), DirtyClients.NoCode);
        }
    }

    [Benchmark(OperationsPerInvoke = KiB)]
    public long Sync() => _view.SyncDirtyBitmap(_destination, new PageRange(0, Pages));
}
