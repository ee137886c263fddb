namespace Verify.Checker.MemoryModels;

/// <summary>What a thread may no longer be ignorant of: instants, because memory is multi-copy atomic.</summary>
internal struct ThreadView
{
    internal long ReadView;     // rv: later reads are performed at or after it; never above max(LastRead, WriteView)
    internal long WriteView;    // wv: later writes are placed strictly after it
    internal long LastRead;     // mr: latest time of an own read
    internal long LastWrite;    // mw: latest time of an own write
    internal long AddressView;  // av: latest time of an own read that returned a reference
    internal long HeapWrite;    // wh: latest own write to heap instance memory
    internal long LastRelease;  // latest own release write; only casFail=acquire asks
    internal int StaleStreak;   // answers in a row that returned a seen write while a newer one existed

    internal readonly long All => Math.Max(Math.Max(ReadView, WriteView), Math.Max(LastRead, LastWrite));
}
