using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="Semaphore"/>.</summary>
[ShimFor(typeof(Semaphore))]
public static class SemaphoreShim
{
    public static Semaphore Create(int initialCount, int maximumCount, int site)
    {
        var made = new Semaphore(initialCount, maximumCount);
        HandleModels.Remember(made, maximumCount);
        return made;
    }

    public static Semaphore Create(int initialCount, int maximumCount, string? name, int site)
    {
        if (name is null)
        {
            return Create(initialCount, maximumCount, site);
        }

        HandleModels.RefuseName("Semaphore", name);
        return new Semaphore(initialCount, maximumCount, name);
    }

    public static Semaphore Create(int initialCount, int maximumCount, string? name, out bool createdNew, int site)
    {
        createdNew = true;
        if (name is null)
        {
            return Create(initialCount, maximumCount, site);
        }

        HandleModels.RefuseName("Semaphore", name);
        return new Semaphore(initialCount, maximumCount, name, out createdNew);
    }

    public static int Release(Semaphore self, int site) => Release(self, 1, site);

    public static int Release(Semaphore self, int releaseCount, int site)
    {
        if (ControlledThread.Current is not { } thread)
        {
            Execution.CheckUseFromOutside(self, "Semaphore.Release");
            return self.Release(releaseCount);
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(releaseCount, 1);
        var model = (SemaphoreModel)HandleModels.Open(thread, self);
        if (!thread.Execution.Signal(thread, model, site))
        {
            return model.Count;
        }

        return model.Release(thread.Execution, releaseCount);
    }
}

/// <summary>A semaphore of the operating system.</summary>
internal sealed class SemaphoreModel(Execution execution, int count, int max) : Waitable(execution, "semaphore"), ICloseable
{
    public bool Closed { get; set; }

    internal int Count { get; private set; } = count;

    internal override bool CanTake(ControlledThread thread) => Count > 0;

    internal override void Take(ControlledThread thread) => Count--;

    internal int Release(Execution execution, int releaseCount)
    {
        int before = Count;
        if (max - before < releaseCount)
        {
            throw new SemaphoreFullException();
        }

        Count = before + releaseCount;
        Changed(execution);
        return before;
    }
}
