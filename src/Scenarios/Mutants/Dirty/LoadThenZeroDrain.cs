using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="ExchangeDrain"/>: the word is loaded and then zeroed (DM17).</summary>
public readonly unsafe struct LoadThenZeroDrain : IMasterDrain
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

        Volatile.Write(ref *master, 0); // the wrong line: it takes away what was set since the load
    }
}
