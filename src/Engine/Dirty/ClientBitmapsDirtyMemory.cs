using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Verify.Engine.Dirty;

/// <summary>Thread 0: one flat bitmap per client, in an array indexed by client, every word operation atomic
/// (<typeparamref name="TBits"/>).</summary>
/// <remarks>
/// After OHMURA and Tamura, "Modify and introduce wrapper functions to access phys_ram_dirty" (qemu-devel, March 2010), with Kivity's array, and with
/// the plain "|=" of the patch (DM02) replaced. A flat bitmap cannot move under its users, so the bitmap of MaxPages is reserved at once, zeroed and
/// touched on use, and growth only raises the page count: this is what thread 3 does away with.
/// A dropped bitmap is unpublished at once; users may still hold the pointer, so its memory waits for <see cref="ReclaimDropped"/>.
/// </remarks>
public sealed unsafe class ClientBitmapsDirtyMemory<TBits> : IDirtyMemoryDesign
    where TBits : struct, IBitmapBits
{
    private readonly object _lock = new();                          // one growth, enable or drop at a time
    private readonly nint[] _unused = new nint[DirtyClientSets.Count];  // under _lock; the bitmap of a dropped client, for its return or for reclaim
    private readonly BitmapRoots _roots = new();
    private readonly DirtyMemoryOptions _options;
    private readonly nuint _bytes;

    public ClientBitmapsDirtyMemory(DirtyMemoryOptions options)
    {
        options.Validate();
        _options = options;
        _bytes = (nuint)((options.MaxPages + 63) / 64 * 8);
        for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
        {
            if (options.Clients.Includes(c))
                _roots.Publish(c, Allocate());
        }
        _roots.EnabledClients = options.Clients;
        _roots.PageCount = options.Pages;
    }

    public long PageCount => _roots.PageCount;

    public DirtyClients EnabledClients => _roots.EnabledClients;

    public long BitmapBytes
    {
        get
        {
            lock (_lock)
            {
                int bitmaps = _unused.Count(b => b != 0);
                for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
                    bitmaps += _roots.Load(c) != 0 ? 1 : 0;
                return bitmaps * (long)_bytes;
            }
        }
    }

    /// <summary>The calling thread's view.</summary>
    public BitmapView<FlatStore, TBits> View() => new(new FlatStore(_roots), _options);

    public IDirtyMemory Attach() => View();

    public void Extend(long pages)
    {
        lock (_lock)
        {
            if (pages > _options.MaxPages)
                throw new DirtyMemoryException(
                    $"{pages} pages, but {_options.MaxPages} were reserved: give a larger MaxPages, or use a design that grows.");
            _roots.PageCount = Math.Max(pages, _roots.PageCount);
        }
    }

    public void Enable(DirtyClient client)
    {
        lock (_lock)
        {
            if (_roots.Load(client) != 0)
                return;
            nint bitmap = _unused[(int)client] != 0 ? _unused[(int)client] : Allocate();
            _unused[(int)client] = 0;
            _roots.Publish(client, bitmap);
            _roots.EnabledClients |= client.ToSet();
            // A setter may have written memory and then found no bitmap. After this barrier its write is visible, and what it did not record is
            // filled in. Pairs with the pointer load of every setter (from outside: setters pay nothing).
            Interlocked.MemoryBarrierProcessWide();
            default(TBits).SetRange((ulong*)bitmap, 0, _roots.PageCount);
        }
    }

    public void Drop(DirtyClient client)
    {
        lock (_lock)
        {
            nint bitmap = _roots.Load(client);
            if (bitmap == 0)
                return;
            _roots.EnabledClients &= ~client.ToSet();
            _roots.Publish(client, 0);
            _unused[(int)client] = bitmap;
        }
    }

    public void ReclaimDropped()
    {
        lock (_lock)
        {
            for (int i = 0; i < _unused.Length; i++)
            {
                NativeMemory.Free((void*)_unused[i]);
                _unused[i] = 0;
            }
        }
    }

    public void Dispose()
    {
        for (DirtyClient c = 0; (int)c < DirtyClientSets.Count; c++)
            Drop(c);
        ReclaimDropped();
    }

    // calloc: large bitmaps are address space until they are touched.
    private nint Allocate() => (nint)NativeMemory.AllocZeroed(_bytes);
}

/// <summary>A pointer per client and nothing else.</summary>
public readonly unsafe struct FlatStore(BitmapRoots roots) : IBitmapStore
{
    public BitmapRoots Roots => roots;

    public bool HasSections => false;

    public bool TryOpenInside(long page, DirtyClient client, out nint bitmap)
    {
        bitmap = 0;
        return false;
    }

    public ulong* WordInside(nint bitmap, long page) => WordOf(bitmap, page);

    public bool Enter() => false;

    public void Leave(bool entered)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Open(DirtyClient client) => roots.Load(client);

    public void Verify(nint bitmap)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* WordOf(nint bitmap, long page) => (ulong*)bitmap + (page >> 6);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* SegmentOf(nint bitmap, long page, ref long wanted, out long offset)
    {
        offset = page & 63;
        return (ulong*)bitmap + (page >> 6);
    }

    public IBlockTaker? Taker(DirtyClient client) => null;

    public void Detach()
    {
    }
}
