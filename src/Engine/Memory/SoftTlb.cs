using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Verify.Engine.Memory;

/// <summary>A vCPU's software TLB: for each way to access memory 256 entries, direct mapped, and 8 victims of recent replacements.</summary>
/// <remarks>
/// After QEMU accel/tcg/cputlb.c. Its owner looks things up without a lock, and alone fills and empties it; others only set
/// <see cref="TlbEntry.NotDirty"/>. All who write a write tag or an addend hold TlbLock (races.md TB33), and whether a page needs NOTDIRTY is
/// decided under that lock too, on filling an entry and on dropping the flag (DM09, DM10): see <see cref="Fill"/>.
/// Why not a lock-free compare-exchange on the tag: full, victim and single-page changes touch several words, and none of them is on a fast path.
/// </remarks>
public sealed unsafe class SoftTlb
{
    public const int Bits = 8;
    public const int Size = 1 << Bits;
    public const int Victims = 8;

    /// <summary>Tables: machine mode, supervisor, user, supervisor with access to user pages.</summary>
    public const int Modes = 4;

    private const int Stride = Size + Victims;

    private readonly object _lock = new();  // TlbLock
    private readonly TlbEntry[] _array = GC.AllocateArray<TlbEntry>(Modes * Stride, pinned: true); // so that generated code can reach it
    private readonly TlbEntry* _entries;    // the array's
    private int _nextVictim;                // owner only
    private bool _isEmpty;                  // under TlbLock; nothing was filled in since the last flush
    private bool _hasLargePages;            // owner only; a single-page flush could miss entries cut from one large page

    public SoftTlb()
    {
        _entries = (TlbEntry*)Unsafe.AsPointer(ref _array[0]);
        Flush();
    }

    /// <summary>First entry of a mode's table.</summary>
    public TlbEntry* Table(int mode) => _entries + (mode * Stride);

    /// <summary>The entry an address uses.</summary>
    public static TlbEntry* Entry(TlbEntry* table, ulong address) => table + ((address >> 12) & (Size - 1));

    /// <summary>Whether an aligned load takes the fast path, and from where; if it does not, <paramref name="host"/> means nothing.</summary>
    /// <param name="alignment">Bits of the address that must be zero.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool HitsRead(TlbEntry* table, ulong address, ulong alignment, out byte* host)
    {
        TlbEntry* entry = Entry(table, address);
        host = (byte*)(address + entry->Addend);
        return entry->Read == (address & (TlbEntry.PageMask | alignment));
    }

    /// <summary>As <see cref="HitsRead"/> for a store. Others may set NOTDIRTY in the tag at any time, but only the owner changes the addend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool HitsWrite(TlbEntry* table, ulong address, ulong alignment, out byte* host)
    {
        TlbEntry* entry = Entry(table, address);
        host = (byte*)(address + entry->Addend);
        return Volatile.Read(ref entry->Write) == (address & (TlbEntry.PageMask | alignment));
    }

    /// <summary>Brings the entry of the page back from the victims, if it is there with the kind of access wanted. Owner only.</summary>
    /// <param name="kind">Offset of the tag in an entry: 0 read, 1 write, 2 code.</param>
    public bool Recall(TlbEntry* table, ulong address, int kind)
    {
        TlbEntry* victims = table + Size;
        ulong page = address & TlbEntry.PageMask;
        for (int i = 0; i < Victims; i++)
        {
            if ((Volatile.Read(ref ((ulong*)(victims + i))[kind]) & (TlbEntry.PageMask | TlbEntry.Invalid)) == page)
            {
                lock (_lock)
                {
                    TlbEntry* entry = Entry(table, address);
                    TlbEntry recalled = victims[i];
                    Copy(victims + i, *entry);
                    Copy(entry, recalled);
                }

                return true;
            }
        }

        return false;
    }

    /// <summary>Installs a translation in place of what the entry holds. Owner only.</summary>
    /// <param name="filled">Its write tag without <see cref="TlbEntry.NotDirty"/>.</param>
    /// <param name="watch">
    /// Who watches the page: whoever begins to does so before it takes TlbLock in <see cref="SetNotDirty"/>, and here it is asked under that lock.
    /// Either this sees the watcher, or the watcher sees this entry (DM09).
    /// </param>
    public void Fill<TWatch>(TlbEntry* table, ulong address, TlbEntry filled, TWatch watch, bool isLargePage)
        where TWatch : struct, IPageWatch
    {
        _hasLargePages |= isLargePage;
        lock (_lock)
        {
            _isEmpty = false;
            TlbEntry* entry = Entry(table, address);
            if (entry->Page is { } old && old != (address & TlbEntry.PageMask))
            {
                Copy(table + Size + _nextVictim, *entry);
                _nextVictim = (_nextVictim + 1) % Victims;
            }

            if ((filled.Write & TlbEntry.Invalid) == 0 && watch.IsWatched)
            {
                filled.Write |= TlbEntry.NotDirty;
            }

            Copy(entry, filled);
        }
    }

    /// <summary>A store went the slow way and left the page without a flag: the next one may go the fast way. Owner only.</summary>
    /// <param name="watch">Asked again under TlbLock, for somebody may have begun to watch since the caller looked (DM10).</param>
    public void DropNotDirty<TWatch>(TlbEntry* entry, TWatch watch)
        where TWatch : struct, IPageWatch
    {
        lock (_lock)
        {
            if (!watch.IsWatched)
            {
                Volatile.Write(ref entry->Write, entry->Write & ~TlbEntry.NotDirty);
            }
        }
    }

    /// <summary>Makes stores to host addresses [first, first + length) take the slow path. By anybody, after setting flags of the pages.</summary>
    public void SetNotDirty(byte* first, ulong length)
    {
        lock (_lock)
        {
            for (int i = 0; !_isEmpty && i < Modes * Stride; i++)
            {
                TlbEntry* entry = _entries + i;
                bool isRam = (entry->Write & (TlbEntry.Invalid | TlbEntry.Mmio)) == 0;
                if (isRam && (entry->Write & TlbEntry.PageMask) + entry->Addend - (ulong)first < length)
                {
                    Volatile.Write(ref entry->Write, entry->Write | TlbEntry.NotDirty); // Pairs with the second test of a store.
                }
            }
        }
    }

    /// <summary>Forgets everything. Owner only, or before the vCPU runs.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (!_isEmpty)
            {
                NativeMemory.Fill(_entries, (nuint)(Modes * Stride * sizeof(TlbEntry)), 0xff); // each of them is TlbEntry.Empty
            }

            _isEmpty = true;
            _hasLargePages = false;
        }
    }

    /// <summary>Forgets one page, or everything if that page may be part of a larger one. Owner only.</summary>
    public void FlushPage(ulong address)
    {
        if (_hasLargePages)
        {
            Flush();
            return;
        }

        ulong page = address & TlbEntry.PageMask;
        lock (_lock)
        {
            for (int mode = 0; mode < Modes; mode++)
            {
                TlbEntry* table = Table(mode);
                FlushIf(Entry(table, page), page);
                for (int i = 0; i < Victims; i++)
                {
                    FlushIf(table + Size + i, page);
                }
            }
        }
    }

    private static void FlushIf(TlbEntry* entry, ulong page)
    {
        if (entry->Page == page)
        {
            Copy(entry, TlbEntry.Empty);
        }
    }

    // Under TlbLock, by the owner.
    private static void Copy(TlbEntry* to, TlbEntry from)
    {
        to->Read = from.Read;
        to->Code = from.Code;
        to->Addend = from.Addend;
        Volatile.Write(ref to->Write, from.Write);
    }
}
