using Verify.Engine.Dirty;

namespace Verify.Scenarios.Events;

/// <summary>What one thread does with a dirty-memory design of 4,096 pages, all three clients enabled.</summary>
internal static class DirtyEvents
{
    internal const long Page = 5;

    private const long Pages = 4096, OneDirtyIn = 64;

    /// <summary>An operation on clean memory.</summary>
    internal static CountedEvent Make(DirtyMemoryEntry entry, Action<IDirtyMemory> operation, Action<IDirtyMemory>? before = null)
    {
        IDirtyMemoryDesign design = null!;
        IDirtyMemory view = null!;
        return new CountedEvent(
            () =>
            {
                design = entry.Create(new DirtyMemoryOptions { Pages = Pages, MaxPages = Pages, BlockPages = Pages });
                view = design.Attach();
                before?.Invoke(view);
            },
            () => operation(view),
            () =>
            {
                view.Detach();
                design.Dispose();
            });
    }

    /// <summary>One page is dirty for all clients, and cleared for one.</summary>
    internal static CountedEvent Clear(DirtyMemoryEntry entry) => Make(
        entry,
        view => view.TestAndClearDirty(new PageRange(Page, 1), DirtyClient.Migration),
        view => view.SetDirty(Page));

    /// <summary>All pages are synchronized, of which one in 64 is dirty for migration; the 512 bytes they are moved to are counted too.</summary>
    internal static CountedEvent Sync(DirtyMemoryEntry entry)
    {
        ulong[] destination = new ulong[Pages / 64];
        return Make(
            entry,
            view => view.SyncDirtyBitmap(destination, new PageRange(0, Pages)),
            view =>
            {
                for (long page = 0; page < Pages; page += OneDirtyIn)
                {
                    view.SetDirty(page, DirtyClient.Migration);
                }
            });
    }
}
