using System.Runtime.InteropServices;

namespace Verify.Engine.Dirty;

/// <summary>Kivity's master bitmap: writers touch one bitmap, which is ored into the display's and migration's when these are read.</summary>
/// <remarks>
/// Thread 0, 16 March 2010; never merged. Master does not feed CODE (Liguori): there "set" means "no code here", and oring writes in would switch off
/// the check for self-modifying code; a write known to be allowed to sets CODE directly.
/// A set for one of display and migration alone goes to that client's bitmap.
/// Bits in flight between master and clients are in neither. Whoever reads or clears a client's pages therefore drains first and holds the drain
/// lock, which waits for drains in flight; the query of one page takes the lock only if the epoch says that a drain ran beside it.
/// The clients' bitmaps, growth and dropping are those of <see cref="ClientBitmapsDirtyMemory{TBits}"/>.
/// </remarks>
public sealed unsafe class MasterBitmapDirtyMemory<TBits, TDrain> : IDirtyMemoryDesign
    where TBits : struct, IBitmapBits
    where TDrain : struct, IMasterDrain
{
    private readonly ClientBitmapsDirtyMemory<TBits> _clients;
    private readonly DirtyMemoryOptions _options;
    private readonly MasterBitmap _master;

    public MasterBitmapDirtyMemory(DirtyMemoryOptions options)
    {
        // TLBs are re-armed outside the drain lock, by the view: a vCPU asks under its TLB lock whether a page is clean.
        _clients = new ClientBitmapsDirtyMemory<TBits>(options with { Tlb = new NoTlb(), Listener = null });
        _options = options;
        _master = new MasterBitmap(options.MaxPages);
    }

    public long PageCount => _clients.PageCount;

    public DirtyClients EnabledClients => _clients.EnabledClients;

    public long BitmapBytes => _clients.BitmapBytes + _master.Bytes;

    public MasterBitmapView<TBits, TDrain> View() => new(_clients.View(), _master, _options);

    public IDirtyMemory Attach() => View();

    public void Extend(long pages) => _clients.Extend(pages);

    public void Enable(DirtyClient client)
    {
        // A drain that found the client detached is over before the fill.
        default(TDrain).Begin(_master.DrainLock);
        try
        {
            _clients.Enable(client);
        }
        finally
        {
            default(TDrain).End(_master.DrainLock);
        }
    }

    public void Drop(DirtyClient client) => _clients.Drop(client);

    public void ReclaimDropped() => _clients.ReclaimDropped();

    public void Dispose()
    {
        _clients.Dispose();
        _master.Dispose();
    }
}

/// <summary>The master bitmap, its lock and its epoch.</summary>
internal sealed unsafe class MasterBitmap : IDisposable
{
    private long _epoch;  // Interlocked; odd while a drain moves bits

    public MasterBitmap(long maxPages)
    {
        Bytes = (maxPages + 63) / 64 * 8;
        Words = (ulong*)NativeMemory.AllocZeroed((nuint)Bytes);
    }

    /// <summary>Guards clients' words while bits move to them.</summary>
    public object DrainLock { get; } = new();

    /// <summary>Interlocked; set by writers, emptied under <see cref="DrainLock"/>.</summary>
    public ulong* Words { get; private set; }

    public long Bytes { get; }

    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>Moves the words that hold the range. Under <see cref="DrainLock"/>.</summary>
    public void Drain<TDrain>(PageRange range, BitmapRoots clients, DirtyClient asking)
        where TDrain : struct, IMasterDrain
    {
        long last = (range.End + 63) >> 6;
        long word = range.Count == 0 ? last : BitScan.NextNot(Words, range.Start >> 6, last, 0);
        if (word >= last)
            return;
        // Full fences: odd before a bit leaves master, even after it has arrived. Pairs with the two epoch loads of a query.
        Interlocked.Increment(ref _epoch);
        nint display = clients.Load(DirtyClient.Display), migration = clients.Load(DirtyClient.Migration);
        for (; word < last; word = BitScan.NextNot(Words, word + 1, last, 0))
        {
            default(TDrain).Move(
                Words + word, display == 0 ? null : (ulong*)display + word, migration == 0 ? null : (ulong*)migration + word, asking);
        }
        Interlocked.Increment(ref _epoch);
    }

    public void Dispose()
    {
        NativeMemory.Free(Words);
        Words = null;
    }
}
