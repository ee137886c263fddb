using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="ExchangeDrain"/>: only the asking client gets the bits (DM17).</summary>
public readonly unsafe struct SelfOnlyDrain : IMasterDrain
{
    public void Begin(object drainLock) => Monitor.Enter(drainLock);

    public void End(object drainLock) => Monitor.Exit(drainLock);

    public void Move(ulong* master, ulong* display, ulong* migration, DirtyClient asking)
    {
        ulong bits = Interlocked.Exchange(ref *master, 0);
        if (display != null && asking == DirtyClient.Display) // the wrong line: the second condition
        {
            Interlocked.Or(ref *display, bits);
        }

        if (migration != null && asking == DirtyClient.Migration) // and its twin
        {
            Interlocked.Or(ref *migration, bits);
        }
    }
}
