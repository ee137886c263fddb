using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Tests.Unit.Dirty;

/// <summary>When a sync takes blocks whole, which costs a grace period, and when it does not.</summary>
public sealed class DenseSyncTests : IDisposable
{
    private const long Pages = 1 << 19;
    private static readonly PageRange s_all = new(0, Pages);

    private readonly RcuDomain<SymmetricRcu> _rcu = new();
    private readonly RcuReader<SymmetricRcu> _reader;
    private readonly RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SharedBlockGrowth> _design;
    private readonly ulong[] _destination = new ulong[(Pages / 64) + 1];

    public DenseSyncTests()
    {
        _design = new(new DirtyMemoryOptions { Pages = Pages, MaxPages = Pages, BlockPages = Pages }, _rcu);
        _reader = _rcu.Register();
    }

    public void Dispose()
    {
        _rcu.Unregister(_reader);
        _design.Dispose();
        _rcu.Dispose();
    }

    [Theory]
    [InlineData(1, 0, true)]            // every page
    [InlineData(64, 0, true)]           // a page in every word
    [InlineData(128, 0, true)]          // in every other
    [InlineData(512, 0, false)]         // in one of eight
    [InlineData(1, 1000, false)]        // few words altogether
    [InlineData(1, 400_000, true)]      // most of it, with a clean end
    public void A_block_is_taken_whole_where_most_words_are_dirty_and_there_are_many(int oneIn, long last, bool isWhole)
    {
        last = last == 0 ? Pages : last;
        List<long> set = [];
        for (long page = 0; page < last; page += oneIn)
            set.Add(page);
        set.ForEach(page => _design.View(_reader).SetDirty(page, DirtyClient.Migration));
        Assert.Equal(set.Count, Sync(DirtyClient.Migration, s_all));
        Assert.Equal(isWhole ? 1 : 0, _rcu.GracePeriods);
        Assert.All(set, page => Assert.True((_destination[page / 64] >> (int)page & 1) != 0));
        Assert.Equal(set.Count, _destination.Sum(word => System.Numerics.BitOperations.PopCount(word)));
        Assert.False(_design.View(_reader).AnyDirty(s_all, DirtyClient.Migration));
    }

    [Fact]
    public void A_block_that_was_taken_is_used_again_and_comes_back_clean()
    {
        for (int i = 0; i < 4; i++)
        {
            _design.View(_reader).SetDirtyRange(new PageRange(0, Pages - i), DirtyClients.Migration);
            Array.Clear(_destination);
            Assert.Equal(Pages - i, Sync(DirtyClient.Migration, s_all));
        }

        Assert.Equal(4, _rcu.GracePeriods);
        long withSpare = _design.BitmapBytes;
        _design.Drop(DirtyClient.Display);
        _rcu.Drain();
        Assert.True(_design.BitmapBytes <= withSpare - (2 * Pages / 8), "the spare block goes with a client that is dropped");
    }

    [Fact]
    public void Code_is_never_taken_whole_and_nothing_is_by_who_must_not_wait_or_for_a_part()
    {
        var view = _design.View(_reader);
        view.SetDirtyRange(s_all, DirtyClients.All);
        Assert.Equal(Pages, Sync(DirtyClient.Code, s_all));
        Array.Clear(_destination);
        _reader.Enter();
        Assert.Equal(Pages, Sync(DirtyClient.Display, s_all));
        _reader.Leave();
        Array.Clear(_destination);
        Assert.Equal(Pages - 64, Sync(DirtyClient.Migration, new PageRange(64, Pages - 64)));
        Assert.True(view.AllDirty(new PageRange(0, 64), DirtyClient.Migration));
        Assert.Equal(0, _rcu.GracePeriods);
    }

    [Fact]
    public void Who_is_inside_a_section_of_another_reader_takes_words()
    {
        RcuReader<SymmetricRcu> other = _rcu.Register();
        _design.View(_reader).SetDirtyRange(s_all, DirtyClients.All);
        other.Enter();
        Assert.Equal(Pages, Sync(DirtyClient.Migration, s_all));
        other.Leave();
        _rcu.Unregister(other);
        Assert.Equal(0, _rcu.GracePeriods);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    public void What_the_bitmap_holds_already_is_not_counted_again_at_any_shift(int shift)
    {
        using RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SharedBlockGrowth> design = new(
            new DirtyMemoryOptions { Pages = 2048 - 5, MaxPages = 2048, BlockPages = 1024, DenseWords = 0 }, _rcu);
        var view = design.View(_reader);
        PageRange range = new(shift, 2048 - 5 - shift); // the first block in part, the second wholly
        view.SetDirtyRange(new PageRange(0, 2048 - 5), DirtyClients.All);
        ulong[] destination = new ulong[32];
        destination[20] = 0b1011; // three pages of the second block
        Assert.Equal(range.Count - 3, view.SyncDirtyBitmap(destination, range));
        Assert.Equal(range.Count, destination.Sum(word => System.Numerics.BitOperations.PopCount(word)));
        Assert.True(view.AllDirty(new PageRange(0, shift), DirtyClient.Migration));
        Assert.False(view.AnyDirty(range, DirtyClient.Migration));
        Assert.Equal(1, _rcu.GracePeriods);
    }

    private long Sync(DirtyClient client, PageRange range) => _design.View(_reader).SyncDirtyBitmap(_destination, range, client);
}
