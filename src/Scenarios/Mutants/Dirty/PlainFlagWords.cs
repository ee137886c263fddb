using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="NoSummary"/>: QEMU's read-modify-write of a page's flags (DM01).</summary>
/// <remarks>A byte in QEMU, here the word it lies in: what matters is that flags one did not want to change are stored back as they were.</remarks>
public unsafe struct PlainFlagWords : IFlagSummary
{
    public readonly bool IsPresent => false;

    public readonly long Bytes => 0;

    public readonly void Allocate(long groups)
    {
    }

    public readonly void Or(ulong* flags, long word, ulong mask) =>
        Volatile.Write(ref flags[word], Volatile.Read(ref flags[word]) | mask); // the wrong line: revives what was cleared since the load

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
