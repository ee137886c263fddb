using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="ExchangeDrain"/>: as <see cref="AndNotDrain"/>, and clients take bits while a drain moves them (DM17).</summary>
public readonly unsafe struct UnlockedAndNotDrain : IMasterDrain
{
    public void Begin(object drainLock)
    {
        // the wrong line: missing here, Monitor.Enter
    }

    public void End(object drainLock)
    {
    }

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

        Interlocked.And(ref *master, ~bits);
    }
}
