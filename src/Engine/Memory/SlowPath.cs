using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Engine.Memory;

/// <summary>How an instruction that took the slow path ended.</summary>
internal enum Step
{
    /// <summary>The next instruction of the block follows.</summary>
    Next,

    /// <summary>Done, but the block must be left after it.</summary>
    Leave,

    /// <summary>Not done: it trapped, and the vCPU's pc is where to go on.</summary>
    Trapped,
}

/// <summary>Guest accesses the fast path of the interpreter does not take: misses, devices, watched pages, misaligned and atomic ones.</summary>
/// <remarks>
/// After QEMU accel/tcg/cputlb.c. The vCPU's Pc is that of the instruction, so that a trap is exact. An access that crosses a page is translated
/// whole before its first byte moves: either all of it happens, or none.
/// </remarks>
internal static unsafe class SlowPath
{
    private enum Place
    {
        Ram,
        Device,
        Trapped,
    }

    internal static bool Load<TMemory>(Machine machine, VCpu cpu, ulong address, int size, out ulong value)
        where TMemory : struct, IGuestMemory
    {
        value = 0;
        int inPage = GuestRam.PageSize - (int)(address & (GuestRam.PageSize - 1));
        Place place = Resolve(machine, cpu, address, Math.Min(size, inPage), AccessKind.Load, out byte* host, out ulong physical, out _);
        if (place == Place.Trapped)
        {
            return false;
        }

        bool isAligned = (address & (ulong)(size - 1)) == 0;
        if (place == Place.Device && isAligned && machine.Devices.TryRead(physical, size, out value))
        {
            return true;
        }

        if (place == Place.Device)
        {
            machine.RaiseException(cpu, isAligned ? TrapCause.LoadAccess : TrapCause.LoadMisaligned, address);
            return false;
        }

        TMemory memory = default;
        if (inPage >= size)
        {
            value = size switch { 1 => memory.Load8(host), 2 => memory.Load16(host), 4 => memory.Load32(host), _ => memory.Load64(host) };
            return true;
        }

        Place second = Resolve(machine, cpu, address + (ulong)inPage, size - inPage, AccessKind.Load, out byte* rest, out _, out _);
        if (second != Place.Ram)
        {
            return second == Place.Device && Raise(machine, cpu, TrapCause.LoadMisaligned, address);
        }

        for (int i = 0; i < size; i++)
        {
            value |= (ulong)memory.Load8(i < inPage ? host + i : rest + (i - inPage)) << (8 * i);
        }

        return true;
    }

    internal static Step Store<TMemory>(Machine machine, VCpu cpu, TbCode running, ulong address, int size, ulong value)
        where TMemory : struct, IGuestMemory
    {
        int inPage = GuestRam.PageSize - (int)(address & (GuestRam.PageSize - 1));
        Place place = Resolve(
            machine, cpu, address, Math.Min(size, inPage), AccessKind.Store, out byte* host, out ulong physical, out TlbEntry* entry);
        if (place == Place.Trapped)
        {
            return Step.Trapped;
        }

        bool isAligned = (address & (ulong)(size - 1)) == 0;
        if (place == Place.Device && isAligned && machine.Devices.TryWrite(physical, size, value))
        {
            return cpu.Ended ? Step.Leave : Step.Next;
        }

        if (place == Place.Device)
        {
            machine.RaiseException(cpu, isAligned ? TrapCause.StoreAccess : TrapCause.StoreMisaligned, address);
            return Step.Trapped;
        }

        TMemory memory = default;
        if (inPage >= size)
        {
            bool leave = !machine.BeforeStore(cpu, running, physical, size);
            switch (size)
            {
                case 1:
                    memory.Store8(host, (byte)value);
                    break;
                case 2:
                    memory.Store16(host, (ushort)value);
                    break;
                case 4:
                    memory.Store32(host, (uint)value);
                    break;
                default:
                    memory.Store64(host, value);
                    break;
            }

            Step step = Stored<TMemory>(machine, cpu, running, host, physical, size, entry);
            return leave ? Step.Leave : step;
        }

        Place second = Resolve(
            machine, cpu, address + (ulong)inPage, size - inPage, AccessKind.Store, out byte* rest, out ulong restPhysical, out _);
        if (second != Place.Ram)
        {
            return second == Place.Device && Raise(machine, cpu, TrapCause.StoreMisaligned, address) ? Step.Next : Step.Trapped;
        }

        for (int i = 0; i < size; i++)
        {
            memory.Store8(i < inPage ? host + i : rest + (i - inPage), (byte)(value >> (8 * i)));
        }

        Step first = Stored<TMemory>(machine, cpu, running, host, physical, inPage, null);
        Step last = Stored<TMemory>(machine, cpu, running, rest, restPhysical, size - inPage, null);
        return first == Step.Leave ? first : last;
    }

    /// <summary>A store on the fast path found afterwards that its page has become watched meanwhile.</summary>
    internal static Step StoredBesideWatcher<TMemory>(Machine machine, VCpu cpu, TbCode running, TlbEntry* entry, ulong address, int size)
        where TMemory : struct, IGuestMemory
    {
        // Flat code stores without an entry; where addresses are physical and RAM is one block, none is needed.
        byte* host = cpu.DataTable == cpu.Tlb.Table(0) && machine.Ram.Others == null ? machine.Ram.HostOf(address) : (byte*)(address + entry->Addend);
        return Stored<TMemory>(machine, cpu, running, host, machine.Ram.PhysicalOf(host), size, null);
    }

    /// <summary>Translates the operand of an LR, SC or AMO, which must be naturally aligned RAM.</summary>
    /// <returns>Null if it trapped.</returns>
    internal static byte* Atomic(Machine machine, VCpu cpu, ulong address, int size, AccessKind kind, out ulong physical)
    {
        physical = 0;
        if ((address & (ulong)(size - 1)) != 0)
        {
            machine.RaiseException(cpu, kind == AccessKind.Load ? TrapCause.LoadMisaligned : TrapCause.StoreMisaligned, address);
            return null;
        }

        Place place = Resolve(machine, cpu, address, size, kind, out byte* host, out physical, out _);
        if (place == Place.Device)
        {
            machine.RaiseException(cpu, kind == AccessKind.Load ? TrapCause.LoadAccess : TrapCause.StoreAccess, address);
        }

        return place == Place.Ram ? host : null;
    }

    /// <summary>Translates a fetch, walking page tables if needed. Locks of the translator must not be held.</summary>
    /// <returns>False if it trapped.</returns>
    internal static bool Fetch(Machine machine, VCpu cpu, ulong address, out ulong physical)
    {
        Place place = Resolve(machine, cpu, address, 2, AccessKind.Fetch, out _, out physical, out _);
        if (place == Place.Device)
        {
            machine.RaiseException(cpu, TrapCause.FetchAccess, address);
        }

        return place == Place.Ram;
    }

    /// <summary>Looks a fetch up in the TLB only: no walk, no trap, no lock.</summary>
    internal static bool ProbeFetch(Machine machine, VCpu cpu, ulong address, out ulong physical)
    {
        TlbEntry* entry = SoftTlb.Entry(cpu.CodeTable, address);
        bool isHit = entry->Code == (address & TlbEntry.PageMask);
        physical = isHit ? machine.Ram.PhysicalOf((byte*)(address + entry->Addend)) : 0;
        return isHit;
    }

    /// <summary>What follows every store to RAM that did not stay on the fast path.</summary>
    /// <remarks>
    /// The store was done before the flags are read. Who watches a page sets its flag, then the flags of the TLBs, then issues a process-wide
    /// barrier, then looks at the page (<see cref="GuestRam.Watch"/>): he sees the store, or the store sees the flag.
    /// </remarks>
    /// <param name="host">Where the store went.</param>
    /// <param name="entry">The TLB entry it went through, or null to leave that as it is.</param>
    internal static Step Stored<TMemory>(Machine machine, VCpu cpu, TbCode running, byte* host, ulong physical, int size, TlbEntry* entry)
        where TMemory : struct, IGuestMemory
    {
        PageWatch watch = machine.Ram.WatchOf(host, cpu.DirtyView(machine.Ram));
        byte flags = watch.LoadFlags<TMemory>();
        bool goesOn = flags == 0 || machine.StoreSlow(cpu, running, physical, size, host, flags);
        if (entry != null && (flags == 0 || cpu.Dirty != null) && (Volatile.Read(ref entry->Write) & TlbEntry.NotDirty) != 0)
        {
            cpu.Tlb.DropNotDirty(entry, watch);
        }

        return goesOn ? Step.Next : Step.Leave;
    }

    private static bool Raise(Machine machine, VCpu cpu, TrapCause cause, ulong address)
    {
        machine.RaiseException(cpu, cause, address);
        return false;
    }

    /// <param name="length">Bytes, within one page.</param>
    /// <param name="entry">The TLB entry of the page, or null if it cannot be cached.</param>
    private static Place Resolve(
        Machine machine, VCpu cpu, ulong address, int length, AccessKind kind, out byte* host, out ulong physical, out TlbEntry* entry)
    {
        TlbEntry* table = kind == AccessKind.Fetch ? cpu.CodeTable : cpu.DataTable;
        int tagIndex = kind switch { AccessKind.Load => 0, AccessKind.Store => 1, _ => 2 };
        entry = SoftTlb.Entry(table, address);
        ulong tag = Volatile.Read(ref ((ulong*)entry)[tagIndex]); // others set NOTDIRTY in it
        if ((tag & (TlbEntry.PageMask | TlbEntry.Invalid)) != (address & TlbEntry.PageMask))
        {
            if (!cpu.Tlb.Recall(table, address, tagIndex))
            {
                return Miss(machine, cpu, address, length, kind, table, out host, out physical, out entry);
            }

            tag = Volatile.Read(ref ((ulong*)entry)[tagIndex]);
        }

        if ((tag & TlbEntry.Mmio) != 0)
        {
            host = null;
            physical = address + entry->Addend;
            return Place.Device;
        }

        host = (byte*)(address + entry->Addend);
        physical = machine.Ram.PhysicalOf(host);
        return Place.Ram;
    }

    private static Place Miss(
        Machine machine, VCpu cpu, ulong address, int length, AccessKind kind, TlbEntry* table,
        out byte* host, out ulong physical, out TlbEntry* entry)
    {
        Hart hart = cpu.Hart;
        Privilege privilege = kind == AccessKind.Fetch ? hart.Privilege : hart.DataPrivilege;
        host = null;
        entry = null;
        ulong leaf = PageWalker.Readable | PageWalker.Writable | PageWalker.Executable | PageWalker.Dirty;
        bool isLargePage = false;
        physical = address;
        if (hart.IsTranslated(privilege))
        {
            WalkResult result = PageWalker.Find(machine.Ram, hart, address, kind, privilege, out Walk walk);
            if (result != WalkResult.Found)
            {
                machine.RaiseException(cpu, Cause(kind, result == WalkResult.PageFault), address);
                return Place.Trapped;
            }

            if (walk.Updated is { } changed && machine.Ram.TryHost(changed, sizeof(ulong), out byte* updated) &&
                machine.Ram.WatchOf(updated, cpu.DirtyView(machine.Ram)).Flags is var flags and not 0)
            {
                machine.StoreSlow(cpu, null, changed, sizeof(ulong), updated, flags);
            }

            (physical, leaf, isLargePage) = (walk.Physical, walk.Entry, walk.Level > 0);
        }

        bool isRam = machine.Ram.TryHost(physical, (ulong)length, out host);
        if (!hart.Protection.Allows(physical, (ulong)length, kind, privilege, out bool whole) ||
            !(isRam || machine.Devices.Contains(physical)))
        {
            machine.RaiseException(cpu, Cause(kind, isPageFault: false), address);
            return Place.Trapped;
        }

        bool canStore = kind == AccessKind.Store;
        if (whole)
        {
            // Fetches and data accesses may use different tables (MPRV, SUM): this one gets the tags it is looked up for.
            bool isForData = table == cpu.DataTable, isForCode = isRam && table == cpu.CodeTable;
            bool isDirty = (leaf & PageWalker.Dirty) != 0;
            ulong flag = isRam ? 0 : TlbEntry.Mmio;
            TlbEntry filled = new()
            {
                Read = Tag(isForData, hart, address, physical, AccessKind.Load, privilege, leaf) | flag,
                Write = Tag(isForData && isDirty, hart, address, physical, AccessKind.Store, privilege, leaf) | flag,
                Code = Tag(isForCode, hart, address, physical, AccessKind.Fetch, privilege, leaf),
                Addend = (isRam ? (ulong)host : physical) - address,
            };
            canStore |= (filled.Write & TlbEntry.Invalid) == 0;
            if (canStore && isRam)
            {
                machine.WritableMapping?.Invoke(hart.RootOf(privilege), address, physical);
            }

            cpu.Tlb.Fill(table, address, filled, isRam ? machine.Ram.WatchOf(host, cpu.DirtyView(machine.Ram)) : default, isLargePage);
            entry = SoftTlb.Entry(table, address);
        }
        else if (canStore && isRam)
        {
            machine.WritableMapping?.Invoke(hart.RootOf(privilege), address, physical);
        }

        return isRam ? Place.Ram : Place.Device;
    }

    private static ulong Tag(
        bool isWanted, Hart hart, ulong address, ulong physical, AccessKind kind, Privilege privilege, ulong leaf)
    {
        bool isAllowed = isWanted && (!hart.IsTranslated(privilege) || PageWalker.Permits(hart, leaf, kind, privilege)) &&
            hart.Protection.Allows(physical & TlbEntry.PageMask, GuestRam.PageSize, kind, privilege, out _);
        return isAllowed ? address & TlbEntry.PageMask : TlbEntry.Invalid;
    }

    private static TrapCause Cause(AccessKind kind, bool isPageFault) => kind switch
    {
        AccessKind.Load => isPageFault ? TrapCause.LoadPageFault : TrapCause.LoadAccess,
        AccessKind.Store => isPageFault ? TrapCause.StorePageFault : TrapCause.StoreAccess,
        _ => isPageFault ? TrapCause.FetchPageFault : TrapCause.FetchAccess,
    };
}
