using Verify.Engine.Dirty;
using Verify.Engine.Execution;
using Verify.Engine.Memory;

namespace Verify.Engine.Display;

/// <summary>How the display learns which pages of the picture were written since it looked last.</summary>
public interface ILineSource : IDisposable
{
    /// <summary>Another picture is shown from now on. Its first <see cref="Collect"/> reports every page.</summary>
    void Show(LinearFramebuffer picture, PageRange pages);

    /// <summary>
    /// Moves the pages written since the last call into a bitmap, bit i for the picture's page i. Afterwards, and not before, the caller reads pixels:
    /// every store he does not find there is in a later answer.
    /// </summary>
    /// <returns>False if it cannot vouch for its answer: the caller compares the picture with a copy instead.</returns>
    bool Collect(Span<ulong> dirty);
}

/// <summary>By the display's bitmap of dirty memory (QEMU vga_draw_graphic: snapshot and clear, then draw).</summary>
public sealed class DirtyMemoryLines : ILineSource
{
    private readonly DirtyTracking _tracking;
    private PageRange _pages;

    /// <exception cref="DirtyMemoryException">The machine has no dirty memory.</exception>
    public DirtyMemoryLines(Machine machine)
    {
        _tracking = machine.Ram.Dirty ?? throw new DirtyMemoryException(
            "a machine without dirty memory cannot tell which lines were drawn: choose a design, or compare with a copy");
        _tracking.Design.Enable(DirtyClient.Display);
    }

    public void Show(LinearFramebuffer picture, PageRange pages)
    {
        _pages = pages;
        _tracking.DeviceWrote(pages); // dirty, so that the first answer has them all
    }

    public bool Collect(Span<ulong> dirty)
    {
        _tracking.Kernel?.Fetch(DirtyClients.NoCode);
        DirtySnapshot? snapshot = null;
        _tracking.Use(view => snapshot = view.SnapshotAndClearDirty(_pages, DirtyClient.Display));
        for (long page = 0; page < _pages.Count; page++)
        {
            if (snapshot!.AnyDirty(new PageRange(_pages.Start + page, 1)))
            {
                dirty[(int)(page / 64)] |= 1UL << (int)page;
            }
        }

        return true;
    }

    public void Dispose() => _tracking.Design.Drop(DirtyClient.Display);
}

/// <summary>Knows nothing: the picture is always compared with a copy, as before there was any tracking (races.md 2.5).</summary>
public sealed class NoLineSource : ILineSource
{
    public void Show(LinearFramebuffer picture, PageRange pages)
    {
    }

    public bool Collect(Span<ulong> dirty) => false;

    public void Dispose()
    {
    }
}
