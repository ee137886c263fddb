using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="ExchangeDrain"/>: the bits are loaded, moved, and then cleared where they were loaded (DM17).</summary>
/// <remarks>
/// Races.md has it fail, in a model without a drain lock. Under the lock it is an equivalent mutant: until the lock is released no client takes the
/// bits that were moved, and whoever takes them afterwards reads memory after the second write too.
/// </remarks>
public readonly unsafe struct AndNotDrain : IMasterDrain
{
    public void Begin(object drainLock) => Monitor.Enter(drainLock);

    public void End(object drainLock) => Monitor.Exit(drainLock);

    public void Move(ulong* master, ulong* display, ulong* migration, DirtyClient asking)
    {
        ulong bits = Volatile.Read(ref *master);
        if (display != null)
        {
            Interlocked.Or(ref *display, bits);
        }

        if (migration != null)
        {
            Interlocked.Or(ref *migration, bits);
        }

        Interlocked.And(ref *master, ~bits); // the changed line: a bit set again since the load goes too
    }
}
