using Verify.Engine.Dirty;
using Verify.Engine.Guest;
using Verify.Engine.Memory;

namespace Verify.Engine.Execution;

/// <summary>RAM that comes, goes and changes its size while vCPUs run; and what devices do with RAM.</summary>
public abstract partial class Machine
{
    private protected readonly object _plugLock = new(); // one change of RAM at a time; outside all other locks: see IRamSteps.ChangeRam

    /// <summary>Adds a block of RAM, zeroed, while vCPUs run.</summary>
    /// <param name="name">Not that of another block.</param>
    /// <param name="start">Guest physical address, page aligned; null is <see cref="NextRamStart"/>.</param>
    /// <param name="size">Bytes, a positive multiple of the page size.</param>
    /// <param name="maxSize">Bytes it may be resized to; 0 is <paramref name="size"/>.</param>
    /// <exception cref="RamListException">It does not fit, or something is there.</exception>
    public RamBlock AddRam(string name, long size, ulong? start = null, long maxSize = 0)
    {
        RamList others = Ram.Others
            ?? throw new RamListException("the machine has no room for more RAM: make it with a MaxRamSize greater than its RamSize");
        maxSize = Math.Max(size, maxSize);
        if (size <= 0 || size % GuestRam.PageSize != 0 || maxSize % GuestRam.PageSize != 0 || (start ?? 0) % GuestRam.PageSize != 0)
        {
            throw new RamListException(
                $"RAM block '{name}' of 0x{size:x} bytes at 0x{start:x}: give start and size in whole pages of {GuestRam.PageSize} bytes, "
                + "and a size above 0");
        }

        RamBlock? added = null;
        ChangeRam(() =>
        {
            ulong at = start ?? NextRamStart;
            if (at < Ram.Start + Ram.Size && Ram.Start < at + (ulong)maxSize)
            {
                throw new RamListException($"RAM block '{name}' at 0x{at:x} would overlap the first RAM at 0x{Ram.Start:x}");
            }

            if (Array.Exists(others.Listed, static other => !other.IsReachable))
            {
                others.Rcu.Drain(); // a block that was removed keeps its place until its memory is freed
            }

            RamBlock block = added = others.Allocate(name, at, size >> GuestRam.PageBits, maxSize >> GuestRam.PageBits);
            AddBlock(
                () =>
                {
                    Ram.Dirty?.Extend(block.FirstPage + block.MaxPages);
                    Ram.Dirty?.Kernel?.AddSlot(new PageRange(block.FirstPage, block.MaxPages));
                },
                () =>
                {
                    lock (others.Mutex)
                    {
                        block.IsReachable = true;
                        others.Publish(block);
                    }
                },
                () => Ram.Dirty?.MarkNew(block.Pages));
        });
        return added!;
    }

    /// <summary>Where the next block goes if nobody says where: after all RAM, at a multiple of 128 MiB.</summary>
    public ulong NextRamStart
    {
        get
        {
            const ulong Step = 128 << 20;
            ulong end = Ram.Start + Ram.Size;
            foreach (RamBlock block in Ram.Others?.Listed ?? [])
            {
                end = Math.Max(end, block.Start + ((ulong)block.MaxPages << GuestRam.PageBits));
            }

            return (end + Step - 1) / Step * Step;
        }
    }

    /// <summary>Removes a block while vCPUs run. When it returns no vCPU reaches it; its memory is freed a grace period later.</summary>
    /// <remarks>The guest takes access faults there from now on. Not on a vCPU's thread; gives up the big lock, if held, meanwhile.</remarks>
    public void RemoveRam(RamBlock block)
    {
        RamList others = Ram.Others!;
        ChangeRam(() =>
        {
            if (!block.IsReachable)
            {
                throw new RamListException($"RAM block '{block.Name}' has been removed already");
            }

            RemoveBlock(
                () =>
                {
                    lock (others.Mutex)
                    {
                        block.IsReachable = false;
                        others.Changed();
                    }
                },
                () =>
                {
                    TlbFlushAllCpusAndWait();
                    InvalidatePages(block.FirstPage, block.MaxPages);
                },
                () => others.Rcu.CallRcu(() =>
                {
                    Ram.Dirty?.Kernel?.RemoveSlot(block.FirstPage); // before the page numbers are free: a new block's stores go to a slot of its own
                    lock (others.Mutex)
                    {
                        others.Remove(block);
                    }

                    block.Free();
                }));
        });
    }

    /// <summary>Changes the size of a block while vCPUs run (qemu_ram_resize). What is added is zero and dirty; what is cut off is lost.</summary>
    /// <param name="size">Bytes, a positive multiple of the page size, up to what the block was made for.</param>
    /// <exception cref="RamListException">It cannot be.</exception>
    public unsafe void ResizeRam(RamBlock block, long size)
    {
        long pages = size >> GuestRam.PageBits;
        if (size <= 0 || size % GuestRam.PageSize != 0 || pages > block.MaxPages)
        {
            throw new RamListException(
                $"RAM block '{block.Name}' cannot have 0x{size:x} bytes: give whole pages, "
                + $"up to the 0x{block.MaxPages << GuestRam.PageBits:x} it was made for");
        }

        ChangeRam(() =>
        {
            if (!block.IsReachable)
            {
                throw new RamListException($"RAM block '{block.Name}' has been removed: add a new one of the size wanted");
            }

            long old = block.UsedPages;
            lock (Ram.Others!.Mutex)
            {
                block.UsedPages = pages;
                Ram.Others.Changed();
            }

            if (pages > old)
            {
                Ram.Dirty?.MarkNew(new PageRange(block.FirstPage + old, pages - old));
            }
            else if (pages < old)
            {
                TlbFlushAllCpusAndWait();
                InvalidatePages(block.FirstPage + pages, old - pages);
                AwaitReaders(Ram.Others); // devices, which may still copy into it
                for (long page = pages; page < old; page++)
                {
                    Span<byte> bytes = new(block.Bytes + (page << GuestRam.PageBits), GuestRam.PageSize);
                    if (bytes.ContainsAnyExcept((byte)0)) // a page nobody has touched costs nothing, and stays so
                    {
                        bytes.Clear();
                    }
                }
            }
        });
    }

    /// <summary>Does something while no block of RAM comes, goes or changes its size. Not from inside such a change.</summary>
    /// <remarks>Gives up the big lock, if held, meanwhile; so does whoever adds, removes or resizes a block.</remarks>
    public void WhileRamIsStable(Action action) => ChangeRam(action);

    /// <summary>A device stores into guest memory: the bytes first, then what follows from the store (address_space_write, DM07).</summary>
    /// <returns>False, and nothing is stored, if the bytes do not lie in one block of RAM.</returns>
    public bool DmaWrite(ulong address, ReadOnlySpan<byte> bytes)
    {
        using RamSection section = ReadRam();
        if (!TryCopy(address, bytes))
        {
            return false;
        }

        // invalidate_and_set_dirty
        InvalidateRange(address, (ulong)bytes.Length);
        Ram.DeviceWrote(address, (ulong)bytes.Length);
        StoredPastTlb?.Invoke(address, (ulong)bytes.Length);
        return true;
    }

    /// <summary>A device loads from guest memory.</summary>
    /// <returns>False if the bytes do not lie in one block of RAM.</returns>
    public unsafe bool DmaRead(ulong address, Span<byte> bytes)
    {
        using RamSection section = ReadRam();
        if (!Ram.TryHost(address, (ulong)bytes.Length, out byte* host))
        {
            return false;
        }

        new ReadOnlySpan<byte>(host, bytes.Length).CopyTo(bytes);
        return true;
    }

    private protected abstract void ChangeRam(Action change);

    private protected abstract void AwaitReaders(RamList others);

    private protected abstract void AddBlock(Action extend, Action publish, Action markDirty);

    private protected abstract void RemoveBlock(Action unpublish, Action flushTranslations, Action freeAfterGracePeriod);

    /// <summary>No translated code is left of these pages.</summary>
    private protected abstract void InvalidatePages(long firstPage, long count);

    /// <summary>Has every vCPU forget its cached translations, and waits until all have. Not on a vCPU's thread.</summary>
    public void TlbFlushAllCpusAndWait()
    {
        foreach (VCpu cpu in Cpus)
        {
            lock (Completion)
            {
                if (!cpu.Started)
                {
                    continue; // it has no translations yet, or never will; and will make none of what is gone
                }
            }

            RunOnCpu(cpu, static owner => owner.FlushTranslations());
        }
    }

    private unsafe bool TryCopy(ulong address, ReadOnlySpan<byte> bytes)
    {
        if (!Ram.TryHost(address, (ulong)bytes.Length, out byte* host))
        {
            return false;
        }

        bytes.CopyTo(new Span<byte>(host, bytes.Length));
        return true;
    }

    /// <summary>No block of RAM is freed until this is disposed of. Awaits nothing meanwhile that would await its end.</summary>
    internal RamSection ReadRam() => new(Ram.Others);

    /// <summary>A read section of the RAM list for a thread that is no vCPU, and has no reader of its own.</summary>
    internal readonly ref struct RamSection
    {
        private readonly RamList? _others;
        private readonly Rcu.RcuReader<Rcu.SymmetricRcu>? _reader;

        internal RamSection(RamList? others)
        {
            _others = others;
            _reader = others?.Rcu.Register();
            _reader?.Enter();
        }

        public void Dispose()
        {
            if (_reader != null)
            {
                _reader.Leave();
                _others!.Rcu.Unregister(_reader);
            }
        }
    }
}
