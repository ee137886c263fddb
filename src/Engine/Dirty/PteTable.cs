namespace Verify.Engine.Dirty;

/// <summary>One shadow page-table entry.</summary>
/// <param name="Raw">Present 1, writable 2, accessed 0x20, dirty 0x40, frame number from bit 12 on.</param>
public readonly record struct Pte(ulong Raw)
{
    public const ulong Present = 1, Writable = 2, Accessed = 0x20, Dirty = 0x40;

    public static Pte Map(long frame, bool writable) => new((ulong)frame << 12 | Present | (writable ? Writable : 0));

    public bool IsPresent => (Raw & Present) != 0;

    public bool IsWritable => (Raw & Writable) != 0;

    public bool IsDirty => (Raw & Dirty) != 0;

    public long Frame => (long)(Raw >> 12);
}

/// <summary>Linear shadow page tables: an entry per virtual page, in directories of 512 that may be unmapped or read-only as a whole.</summary>
/// <remarks>An entry is one word, so its bits need no protection from its neighbours; the MMU sets accessed and dirty with
/// compare-exchange.</remarks>
public sealed class PteTable(long virtualPages)
{
    private readonly ulong[] _entries = new ulong[virtualPages];  // Interlocked or Volatile
    private readonly bool[] _blocked = new bool[virtualPages / 512 + 1];  // Volatile; the directory above does not allow writes

    public long VirtualPages => virtualPages;

    public ref ulong this[long va] => ref _entries[va];

    public Pte Load(long va) => new(Volatile.Read(ref _entries[va]));

    public bool IsBlocked(long va) => Volatile.Read(ref _blocked[va / 512]);

    /// <summary>Maps or unmaps the directory that holds a page.</summary>
    public void Block(long va, bool blocked) => Volatile.Write(ref _blocked[va / 512], blocked);
}
