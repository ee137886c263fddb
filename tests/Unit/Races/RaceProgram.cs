using Verify.Checker.MemoryModels;
using Verify.Checker.Races;

namespace Verify.Tests.Unit.Races;

/// <summary>A schedule written out by hand, run over the machine with the detector beside it. A site is thread * 100 + a running number.</summary>
internal sealed class RaceProgram
{
    internal const nuint X = 0;
    internal const nuint Y = 8;
    internal const nuint Flag = 16;

    private readonly WeakMemory<ArrayMemory> _memory;
    private int _operations;

    internal RaceProgram(IWeakChoices? choices = null, MemoryModelOptions? options = null)
    {
        _memory = new WeakMemory<ArrayMemory>(
            new ArrayMemory(new byte[128]), options ?? new MemoryModelOptions(), choices ?? SequentialChoices.Instance, Detector);
    }

    internal RaceDetector Detector { get; } = new();

    internal IReadOnlyList<RaceReport> Races => Detector.Reports;

    internal WeakMemory<ArrayMemory> Memory => _memory;

    internal RaceProgram Read(int thread, nuint address, AccessKind kind = AccessKind.Plain, int size = 8, nuint owner = 0, int site = -1)
    {
        _memory.Read(thread, address, size, kind, Site(thread, site), owner: owner);
        return this;
    }

    internal RaceProgram Write(
        int thread, nuint address, ulong value = 1, AccessKind kind = AccessKind.Plain, int size = 8, nuint owner = 0, int site = -1)
    {
        _memory.Write(thread, address, size, value, kind, Site(thread, site), owner);
        return this;
    }

    internal RaceProgram VolatileRead(int thread, nuint address) => Read(thread, address, AccessKind.Volatile);

    internal RaceProgram VolatileWrite(int thread, nuint address, ulong value = 1) => Write(thread, address, value, AccessKind.Volatile);

    internal RaceProgram Exchange(int thread, nuint address, ulong value)
    {
        _memory.Exchange(thread, address, 8, value, AccessKind.Plain, Site(thread, -1));
        return this;
    }

    internal RaceProgram FailingCas(int thread, nuint address)
    {
        _memory.CompareExchange(thread, address, 8, 1, comparand: 12345, AccessKind.Plain, Site(thread, -1));
        return this;
    }

    internal RaceProgram Fence(int thread, FenceKind kind)
    {
        _memory.Fence(thread, kind);
        return this;
    }

    internal RaceProgram Enter(int thread, int sync)
    {
        _memory.Acquire(thread, sync);
        return this;
    }

    internal RaceProgram Exit(int thread, int sync)
    {
        _memory.Release(thread, sync);
        return this;
    }

    internal RaceProgram Start(int parent, int child)
    {
        _memory.StartThread(parent, child);
        return this;
    }

    internal RaceProgram Join(int waiter, int child)
    {
        _memory.JoinThread(waiter, child);
        return this;
    }

    internal RaceProgram StaticConstructor(int thread)
    {
        _memory.StaticConstructorEnded(thread);
        return this;
    }

    internal void IsClean() => Assert.Empty(Races);

    internal RaceReport Has(RaceClass race)
    {
        RaceReport report = Assert.Single(Races, r => r.Class == race);
        Assert.All(Races, r => Assert.True(r.Class == race, $"also {r}"));
        return report;
    }

    private int Site(int thread, int site)
    {
        int next = (thread * 100) + _operations++;
        return site >= 0 ? site : next;
    }
}
