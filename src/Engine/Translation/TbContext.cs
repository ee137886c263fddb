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

    /// <summary>The flush itself, do_tb_flush. Under TbLock, or in an exclusive section.</summary>
    /// <remarks>Page lists go before the hash and the arena: who holds a page's lock and has found a block on it keeps it until the lock is free.</remarks>
    internal void Flush()
    {
        Pages.Reset();
        Hash.Reset();
        Arena.Reset();
        Volatile.Write(ref _flushCount, _flushCount + 1);
    }
}
