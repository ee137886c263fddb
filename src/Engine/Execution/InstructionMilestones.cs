namespace Verify.Engine.Execution;

/// <summary>Numbers of guest instructions at which somebody outside wants to do something: start a migration, plug RAM in.</summary>
/// <remarks>
/// The instructions are those of all harts together, a trap counting as one, as each hart reports them: at least once in <c>VCpu.Quantum</c>, and with
/// one hart at the end of the block that reaches the number. The guest does not wait: who waits for a milestone learns soon after that it has passed.
/// </remarks>
public sealed class InstructionMilestones
{
    private readonly object _lock = new();
    private readonly long[] _at;   // ascending
    private long _retired;         // volatile; written by Interlocked
    private bool _ended;           // under _lock

    /// <param name="at">Instructions, each at least 0.</param>
    /// <param name="retired">Instructions retired already, for a machine that goes on with a migrated guest.</param>
    public InstructionMilestones(IEnumerable<long> at, long retired = 0)
    {
        _at = [.. at.Order()];
        _retired = retired;
    }

    /// <summary>Instructions that all harts have reported.</summary>
    public long Retired => Volatile.Read(ref _retired);

    /// <summary>Instructions to the next milestone; <see cref="long.MaxValue"/> if all have passed.</summary>
    internal long Left
    {
        get
        {
            long retired = Retired;
            foreach (long at in _at)
            {
                if (at > retired)
                {
                    return at - retired;
                }
            }

            return long.MaxValue;
        }
    }

    internal void Advance(long instructions)
    {
        long now = Interlocked.Add(ref _retired, instructions), before = now - instructions;
        foreach (long at in _at)
        {
            if (before < at && at <= now)
            {
                Wake();
                return;
            }
        }
    }

    /// <summary>The guest runs no more: who waits need not.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
        }

        Wake();
    }

    /// <summary>Waits until so many instructions are retired.</summary>
    /// <param name="at">One of those this was made with, or one that has passed.</param>
    /// <returns>False if the guest ended before.</returns>
    public bool Await(long at)
    {
        lock (_lock)
        {
            while (Retired < at && !_ended)
            {
                Monitor.Wait(_lock);
            }

            return Retired >= at;
        }
    }

    private void Wake()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }
}
