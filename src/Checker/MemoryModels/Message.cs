namespace Verify.Checker.MemoryModels;

/// <summary>One write to a location, at its time on the global time line.</summary>
internal struct Message
{
    internal long Time;       // ts: increasing along the history, which therefore is the coherence order
    internal long ReadTime;   // rt: latest time at which a read returned this write; nothing may be inserted before that instant
    internal long ValueView;  // dv: when the reads that feed the value were performed, for a read forwarded from this write
    internal ulong Value;
    internal ulong Seen;      // threads (id mod 64) that read or wrote it; sharing a bit only raises coherence floors
    internal int Older;       // -1: oldest retained
    internal int Newer;       // -1: newest
    internal int Writer;      // -1: initial value, or a write that was not instrumented
    internal int Site;
}
