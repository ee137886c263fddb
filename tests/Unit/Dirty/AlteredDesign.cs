using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Tests.Unit.Dirty;

/// <summary>Wrong on purpose: a sound design whose <see cref="IDirtyMemory.SetDirtyRange"/> sets another range than it is told.</summary>
internal sealed class AlteredDesign(DirtyMemoryOptions options, Func<PageRange, PageRange> alter) : IDirtyMemoryDesign
{
    private readonly ClientBitmapsDirtyMemory<AtomicBits> _design = new(options with { Listener = null });

    public long PageCount => _design.PageCount;

    public DirtyClients EnabledClients => _design.EnabledClients;

    public long BitmapBytes => _design.BitmapBytes;

    public IDirtyMemory Attach() => new View(_design.Attach(), options, alter);

    public void Extend(long pages) => _design.Extend(pages);

    public void Enable(DirtyClient client) => _design.Enable(client);

    public void Drop(DirtyClient client) => _design.Drop(client);

    public void ReclaimDropped() => _design.ReclaimDropped();

    public void Dispose() => _design.Dispose();

    private sealed class View(IDirtyMemory sound, DirtyMemoryOptions options, Func<PageRange, PageRange> alter) : IDirtyMemory
    {
        public long PageCount => sound.PageCount;

        public DirtyMemoryOptions Options => options;

        public DirtyClients EnabledClients => sound.EnabledClients;

        public bool GetDirty(long page, DirtyClient client) => sound.GetDirty(page, client);

        public DirtyClients GetDirtyFlags(long page) => sound.GetDirtyFlags(page);

        public bool AnyDirty(PageRange range, DirtyClient client) => sound.AnyDirty(range, client);

        public bool AllDirty(PageRange range, DirtyClient client) => sound.AllDirty(range, client);

        public long DirtyRun(PageRange range, DirtyClients clients) => sound.DirtyRun(range, clients);

        public long CleanRun(PageRange range, DirtyClients clients) => sound.CleanRun(range, clients);

        public void SetDirty(long page) => sound.SetDirty(page);

        public void SetDirty(long page, DirtyClient client) => sound.SetDirty(page, client);

        public DirtyClients SetDirtyFlags(long page, DirtyClients clients) => sound.SetDirtyFlags(page, clients);

        public void SetDirtyRange(PageRange range, DirtyClients clients)
        {
            sound.SetDirtyRange(alter(range), clients);
            if (range.Count != 0)
                options.Listener?.Modified(range.ToBytes());
        }

        public void SetDirtyWord(long page, ulong mask, DirtyClients clients) => sound.SetDirtyWord(page, mask, clients);

        public void ClearDirtyRange(PageRange range, DirtyClients clients) => sound.ClearDirtyRange(range, clients);

        public bool TestAndClearDirty(PageRange range, DirtyClient client) => sound.TestAndClearDirty(range, client);

        public long SyncDirtyBitmap(Span<ulong> destination, PageRange range, DirtyClient client = DirtyClient.Migration) =>
            sound.SyncDirtyBitmap(destination, range, client);

        public void Detach() => sound.Detach();
    }
}

/// <summary>Wrong on purpose: a new array gets new blocks for all pages.</summary>
internal readonly unsafe struct EmptiedGrowth : IBlockGrowth
{
    public long ExistingBlocks(long remembered, long listed) => remembered;

    public BitmapBlock* Carry(BitmapBlock* old, Func<nint> newBlock, long words) => (BitmapBlock*)newBlock();

    public void Defer<TRcu>(RcuDomain<TRcu> rcu, Action free)
        where TRcu : struct, IRcuVariant
        => rcu.CallRcu(free);
}
