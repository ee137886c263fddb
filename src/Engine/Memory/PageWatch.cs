using Verify.Engine.Dirty;

namespace Verify.Engine.Memory;

/// <summary>Whether stores into one page of RAM must leave the fast path; a struct, so that a variant costs nothing.</summary>
public interface IPageWatch
{
    /// <summary>Somebody wants to hear of stores. Asked under TlbLock where it decides about a TLB entry (DM09, DM10).</summary>
    bool IsWatched { get; }
}

/// <summary>The one place that knows who watches a page: the page's flags, and dirty memory where the machine has one.</summary>
/// <remarks>
/// Without dirty memory the flags are all there is. With it they say only <see cref="Guest.GuestRam.HasDevice"/> and
/// <see cref="Guest.GuestRam.HasPageTable"/>; whether the page holds code, or is clean for some client, is what dirty memory says and nobody else.
/// </remarks>
public readonly unsafe struct PageWatch : IPageWatch
{
    private readonly byte* _flags;
    private readonly DirtyTracking? _tracking;
    private readonly IDirtyMemory? _view;
    private readonly long _page;

    /// <param name="flags">Of the page; null for a page that is no RAM, which nobody watches.</param>
    public PageWatch(byte* flags) => _flags = flags;

    internal PageWatch(byte* flags, DirtyTracking tracking, IDirtyMemory view, long page)
    {
        _flags = flags;
        (_tracking, _view, _page) = (tracking, view, page);
    }

    public bool IsWatched => _flags != null && Flags != 0;

    /// <summary>As <see cref="Flags"/>, read after a store in the order the guest's accesses have.</summary>
    internal byte LoadFlags<TMemory>()
        where TMemory : struct, Guest.IGuestMemory
        => _tracking == null ? default(TMemory).LoadPageFlags(_flags) : Flags;

    /// <summary>Flags as <see cref="Guest.GuestRam"/> defines them, from both sources.</summary>
    public byte Flags
    {
        get
        {
            byte flags = Volatile.Read(ref *_flags);
            return _tracking == null ? flags : (byte)(flags | _tracking.FlagsOf(_view!, _page));
        }
    }
}
