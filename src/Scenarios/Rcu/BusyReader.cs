using Verify.Engine.Rcu;

namespace Verify.Scenarios.Rcu;

/// <summary>A vCPU that stays in its read section until somebody kicks it.</summary>
internal sealed class BusyReader
{
    private readonly object _kickLock = new();
    private bool _kicked; // under _kickLock

    /// <summary>The body of the vCPU's actor.</summary>
    internal void StayInSection<TVariant>(RcuReader<TVariant> reader)
        where TVariant : struct, IRcuVariant
    {
        using RcuSection<TVariant> section = reader.Read();
        lock (_kickLock)
        {
            while (!_kicked)
            {
                Monitor.Wait(_kickLock);
            }
        }
    }

    /// <summary>The vCPU is asked to leave its section.</summary>
    internal void Kick()
    {
        lock (_kickLock)
        {
            _kicked = true;
            Monitor.PulseAll(_kickLock);
        }
    }
}
