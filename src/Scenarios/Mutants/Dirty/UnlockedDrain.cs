using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="ExchangeDrain"/>: nobody waits for a drain in flight (scenario 42).</summary>
public readonly unsafe struct UnlockedDrain : IMasterDrain
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
        ulong bits = Interlocked.Exchange(ref *master, 0);
        if (display != null)
        {
            Interlocked.Or(ref *display, bits);
        }

        if (migration != null)
        {
            Interlocked.Or(ref *migration, bits);
        }
    }
}
