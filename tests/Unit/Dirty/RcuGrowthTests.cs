using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Tests.Unit.Dirty;

public unsafe class RcuGrowthTests
{
    [Fact]
    public void A_reader_in_its_section_keeps_the_array_it_opened() => OpenGrowVerify<SharedBlockGrowth>();

    [Fact]
    public void An_array_freed_under_its_reader_is_an_assertion() =>
        Assert.Throws<UseAfterFreeException>(OpenGrowVerify<FreeNowGrowth>);

    [Fact]
    public void An_array_too_short_for_a_page_is_an_assertion()
    {
        using RcuDomain<SymmetricRcu> rcu = new();
        using RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SharedBlockGrowth> design = new(Options, rcu);
        BlockStore<SymmetricRcu> store = Store(design, rcu.Register());
        bool entered = store.Enter();
        nint array = store.Open(DirtyClient.Migration);
        design.Extend(1000);
        Assert.Throws<DirtyMemoryException>(() => (nint)store.WordOf(array, 999));
        store.Leave(entered);
    }

    private static DirtyMemoryOptions Options => new() { Pages = 64, BlockPages = 64 };

    private static void OpenGrowVerify<TGrowth>()
        where TGrowth : struct, IBlockGrowth
    {
        using RcuDomain<SymmetricRcu> rcu = new();
        using RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, TGrowth> design = new(Options, rcu);
        RcuReader<SymmetricRcu> reader = rcu.Register();
        BlockStore<SymmetricRcu> store = Store(design, reader);
        bool entered = store.Enter();
        try
        {
            nint array = store.Open(DirtyClient.Migration);
            design.Extend(128);
            Interlocked.Or(ref *store.WordOf(array, 5), 1UL << 5);
            store.Verify(array);
        }
        finally
        {
            store.Leave(entered);
        }
        Assert.True(design.View(reader).GetDirty(5, DirtyClient.Migration), "a bit set through the old array is not in the new one");
        rcu.Unregister(reader);
    }

    private static BlockStore<TRcu> Store<TRcu, TGrowth>(RcuDirtyMemoryBlocks<TRcu, AtomicBits, TGrowth> design, RcuReader<TRcu> reader)
        where TRcu : struct, IRcuVariant
        where TGrowth : struct, IBlockGrowth
        => design.View(reader).Store;

    /// <summary>Wrong on purpose (DM06): frees at once.</summary>
    private readonly struct FreeNowGrowth : IBlockGrowth
    {
        public long ExistingBlocks(long remembered, long listed) => remembered;

        public BitmapBlock* Carry(BitmapBlock* old, Func<nint> newBlock, long words) => old;

        public void Defer<TRcu>(RcuDomain<TRcu> rcu, Action free)
            where TRcu : struct, IRcuVariant
            => free();
    }
}
