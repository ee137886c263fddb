using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="CountUnderLock"/>: the lock is released before the count is raised (DM14, QEMU 2.4 migration_bitmap_extend).</summary>
public readonly struct CountOutsideLock : IDirtyPageCount
{
    public void Grow(object gate, Func<long> mark, ref long count)
    {
        long grown;
        lock (gate)
        {
            grown = mark();
        }

        Volatile.Write(ref count, Volatile.Read(ref count) + grown); // the wrong line: a count in between is undone
    }
}
