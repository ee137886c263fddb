using Verify.Engine.Execution;
using Verify.Engine.Guest;

namespace Verify.Engine.Translation;

/// <summary>All that vCPUs share about translated code: QEMU's <c>tb_ctx</c>, page descriptors and vCPU list.</summary>
public sealed class TbContext
{
    private long _flushCount; // volatile; written under TbLock or in an exclusive section

    internal TbContext(GuestRam ram, MachineOptions options, TbStorage storage)
    {
        Arena = new CodeArena(options.TbCapacity, options.CodeCapacity ?? options.TbCapacity * 16, storage);
        Hash = new TbHash(options.TbCapacity);
        Pages = new PageTable(ram);
    }

    public CodeArena Arena { get; }

    public TbHash Hash { get; }

    public PageTable Pages { get; }

    /// <summary>The vCPUs whose jump caches are kept in step.</summary>
    public CpuList Cpus { get; } = new();

    /// <summary>Flushes so far, <c>tb_flush_count</c>: a request to flush carries it, and is void once it has moved (TB06).</summary>
    public long FlushCount => Volatile.Read(ref _flushCount);

    /// <summary>
    /// The end of a flush: takes the slots back and counts. Follows the resetting of hash and page lists: who holds a page's lock and has found a
    /// block on its list keeps it until the lock is free, and resetting the lists waits for that.
    /// </summary>
    internal void FinishFlush()
    {
        Arena.Reset();
        Volatile.Write(ref _flushCount, _flushCount + 1);
    }
}
