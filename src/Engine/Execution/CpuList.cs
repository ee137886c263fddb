namespace Verify.Engine.Execution;

/// <summary>The vCPUs that are plugged in. Walkers take a snapshot; adding and removing publish a new one.</summary>
/// <remarks>
/// QEMU's <c>cpus_queue</c> under RCU. A vCPU is published when all it needs is there (TB19). A walker of an older snapshot may miss a new vCPU,
/// whose jump cache is empty, or see a removed one, which is harmless.
/// </remarks>
public sealed class CpuList
{
    private readonly object _lock = new(); // serialises writers
    private VCpu[] _cpus = [];             // volatile; never changed once published

    public VCpu[] Snapshot => Volatile.Read(ref _cpus); // Pairs with the writes in Add and Remove.

    /// <summary>Publishes a vCPU. Everything another thread may touch of it is there already (TB19).</summary>
    public void Add(VCpu cpu)
    {
        lock (_lock)
        {
            Volatile.Write(ref _cpus, [.. _cpus, cpu]);
        }
    }

    internal void Remove(VCpu cpu)
    {
        lock (_lock)
        {
            Volatile.Write(ref _cpus, [.. _cpus.Where(each => each != cpu)]);
        }
    }
}
