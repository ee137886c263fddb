using Verify.Engine.Dirty;
using Verify.Engine.Rcu;
using AsymmetricView =
    Verify.Engine.Dirty.BitmapView<Verify.Engine.Dirty.BlockStore<Verify.Engine.Rcu.AsymmetricRcu>, Verify.Engine.Dirty.AtomicBits>;
using FlatView = Verify.Engine.Dirty.BitmapView<Verify.Engine.Dirty.FlatStore, Verify.Engine.Dirty.AtomicBits>;
using MasterView = Verify.Engine.Dirty.MasterBitmapView<Verify.Engine.Dirty.AtomicBits, Verify.Engine.Dirty.ExchangeDrain>;
using SymmetricView = Verify.Engine.Dirty.BitmapView<Verify.Engine.Dirty.BlockStore<Verify.Engine.Rcu.SymmetricRcu>, Verify.Engine.Dirty.AtomicBits>;

namespace Verify.Benchmarks.Dirty;

/// <summary>Makes a design and views of its own type, so that the JIT specialises the measured loop for it.</summary>
public interface IMeasured<TView>
    where TView : struct, IDirtyMemory
{
    IDirtyMemoryDesign Create(DirtyMemoryOptions options);

    /// <summary>The calling thread's view.</summary>
    TView Attach(IDirtyMemoryDesign design);

    void Detach(TView view);
}

public struct ByteFlags : IMeasured<ByteFlagsView<NoSummary>>
{
    public readonly IDirtyMemoryDesign Create(DirtyMemoryOptions o) => new ByteFlagsDirtyMemory<NoSummary>(o);

    public readonly ByteFlagsView<NoSummary> Attach(IDirtyMemoryDesign d) => ((ByteFlagsDirtyMemory<NoSummary>)d).View();

    public readonly void Detach(ByteFlagsView<NoSummary> view) => view.Detach();
}

public struct ByteFlagsWordCounter : IMeasured<ByteFlagsView<WordCounterSummary>>
{
    public readonly IDirtyMemoryDesign Create(DirtyMemoryOptions o) => new ByteFlagsDirtyMemory<WordCounterSummary>(o);

    public readonly ByteFlagsView<WordCounterSummary> Attach(IDirtyMemoryDesign d) => ((ByteFlagsDirtyMemory<WordCounterSummary>)d).View();

    public readonly void Detach(ByteFlagsView<WordCounterSummary> view) => view.Detach();
}

public struct ByteFlagsSummaryBit : IMeasured<ByteFlagsView<BitSummary>>
{
    public readonly IDirtyMemoryDesign Create(DirtyMemoryOptions o) => new ByteFlagsDirtyMemory<BitSummary>(o);

    public readonly ByteFlagsView<BitSummary> Attach(IDirtyMemoryDesign d) => ((ByteFlagsDirtyMemory<BitSummary>)d).View();

    public readonly void Detach(ByteFlagsView<BitSummary> view) => view.Detach();
}

public struct ClientBitmaps : IMeasured<FlatView>
{
    public readonly IDirtyMemoryDesign Create(DirtyMemoryOptions o) => new ClientBitmapsDirtyMemory<AtomicBits>(o);

    public readonly FlatView Attach(IDirtyMemoryDesign d) => ((ClientBitmapsDirtyMemory<AtomicBits>)d).View();

    public readonly void Detach(FlatView view) => view.Detach();
}

public struct MasterBitmap : IMeasured<MasterView>
{
    public readonly IDirtyMemoryDesign Create(DirtyMemoryOptions o) => new MasterBitmapDirtyMemory<AtomicBits, ExchangeDrain>(o);

    public readonly MasterView Attach(IDirtyMemoryDesign d) => ((MasterBitmapDirtyMemory<AtomicBits, ExchangeDrain>)d).View();

    public readonly void Detach(MasterView view) => view.Detach();
}

public struct RcuBlocks : IMeasured<SymmetricView>
{
    public readonly IDirtyMemoryDesign Create(DirtyMemoryOptions o) => new RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SharedBlockGrowth>(o);

    public readonly SymmetricView Attach(IDirtyMemoryDesign d) => (SymmetricView)d.Attach();

    public readonly void Detach(SymmetricView view) => view.Detach();
}

public struct RcuBlocksAsymmetric : IMeasured<AsymmetricView>
{
    public readonly IDirtyMemoryDesign Create(DirtyMemoryOptions o) => new RcuDirtyMemoryBlocks<AsymmetricRcu, AtomicBits, SharedBlockGrowth>(o);

    public readonly AsymmetricView Attach(IDirtyMemoryDesign d) => (AsymmetricView)d.Attach();

    public readonly void Detach(AsymmetricView view) => view.Detach();
}

/// <summary>As a vCPU calls it: inside the section it holds while it executes.</summary>
public struct RcuBlocksInSection : IMeasured<SymmetricView>
{
    private static readonly RcuDomain<SymmetricRcu> s_rcu = new();
    private static RcuReader<SymmetricRcu>? s_reader;

    public readonly IDirtyMemoryDesign Create(DirtyMemoryOptions o) =>
        new RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SharedBlockGrowth>(o, s_rcu);

    public readonly SymmetricView Attach(IDirtyMemoryDesign d)
    {
        s_reader = s_rcu.Register();
        s_reader.Enter();
        return ((RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SharedBlockGrowth>)d).View(s_reader);
    }

    public readonly void Detach(SymmetricView view)
    {
        s_reader!.Leave();
        s_rcu.Unregister(s_reader);
    }
}
