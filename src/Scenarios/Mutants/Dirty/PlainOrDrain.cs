using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="ExchangeDrain"/>: the clients' words are loaded, ored and stored back (DM17).</summary>
public readonly unsafe struct PlainOrDrain : IMasterDrain
{
    public void Begin(object drainLock) => Monitor.Enter(drainLock);

    public void End(object drainLock) => Monitor.Exit(drainLock);

    public void Move(ulong* master, ulong* display, ulong* migration, DirtyClient asking)
    {
        ulong bits = Interlocked.Exchange(ref *master, 0);
        Or(display, bits);
        Or(migration, bits);
    }

    private static void Or(ulong* word, ulong bits)
    {
        if (word != null)
        {
            Volatile.Write(ref *word, Volatile.Read(ref *word) | bits); // the wrong line: setters for one client do not hold the drain lock
        }
    }
}
