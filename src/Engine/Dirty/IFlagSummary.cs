namespace Verify.Engine.Dirty;

/// <summary>What byte flags remember about each group of 64 pages, so that searches can skip it.</summary>
public unsafe interface IFlagSummary : IDisposable
{
    /// <summary>Whether there is anything to ask; a constant.</summary>
    bool IsPresent { get; }

    long Bytes { get; }

    /// <summary>Called once, before use.</summary>
    void Allocate(long groups);

    /// <summary>Sets flags in word <paramref name="word"/> (eight pages) and keeps the summary true. A full fence.</summary>
    void Or(ulong* flags, long word, ulong mask);

    /// <summary>Keeps only the flags of the mask, and returns the word before. A full fence.</summary>
    ulong And(ulong* flags, long word, ulong mask);

    /// <summary>Ends a clear of groups [first, last].</summary>
    /// <param name="roots">Tells who is enabled: flags of the others are always set.</param>
    void Cleared(ulong* flags, long first, long last, BitmapRoots roots);

    /// <summary>True only if no page of the group is dirty for an enabled client, but for sets and enablings that have not returned.</summary>
    bool KnownClean(long group);

    /// <summary>True only if every page of the group is 0xff, but for clears that have not returned.</summary>
    bool KnownFull(long group);
}

/// <summary>No summary: every search reads every byte.</summary>
public unsafe struct NoSummary : IFlagSummary
{
    public readonly bool IsPresent => false;

    public readonly long Bytes => 0;

    public readonly void Allocate(long groups)
    {
    }

    // An interlocked operation on eight flags at once, not a read-modify-write of a byte (DM01).
    public readonly void Or(ulong* flags, long word, ulong mask) => Interlocked.Or(ref flags[word], mask);

    public readonly ulong And(ulong* flags, long word, ulong mask) => Interlocked.And(ref flags[word], mask);

    public readonly void Cleared(ulong* flags, long first, long last, BitmapRoots roots)
    {
    }

    public readonly bool KnownClean(long group) => false;

    public readonly bool KnownFull(long group) => false;

    public readonly void Dispose()
    {
    }
}
