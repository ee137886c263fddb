using Verify.Engine.Guest;

namespace Verify.Engine.Memory;

/// <summary>How a walk ended.</summary>
public enum WalkResult
{
    Found,

    /// <summary>The page tables do not allow the access.</summary>
    PageFault,

    /// <summary>A page table lies outside RAM, or protection forbids to read it.</summary>
    AccessFault,
}

/// <summary>What a walk found.</summary>
/// <param name="Physical">Of the address, not only of its page.</param>
/// <param name="Entry">The leaf PTE, with A and D as they now are in memory.</param>
/// <param name="Level">0 for a page of 4 KiB, 1 for 2 MiB, 2 for 1 GiB.</param>
/// <param name="Updated">Physical address of the PTE if the walk changed it, otherwise null.</param>
public readonly record struct Walk(ulong Physical, ulong Entry, int Level, ulong? Updated);

/// <summary>The Sv39 page table walker. It sets A and D itself, as the extension Svadu says.</summary>
/// <remarks>
/// After "The RISC-V Instruction Set Manual, Volume II", section "Virtual Address Translation Process", and QEMU target/riscv/cpu_helper.c. A and D are
/// set by compare-exchange on the PTE that was judged, and the walk starts again if it has changed meanwhile: a plain store would undo what another
/// hart, or its guest software, has just written (races.md DM19).
/// </remarks>
public static unsafe class PageWalker
{
    public const ulong Valid = 1, Readable = 2, Writable = 4, Executable = 8, User = 16, Accessed = 64, Dirty = 128;

    private const int Levels = 3;
    private const ulong PhysicalPageMask = ((1UL << 44) - 1) << 10;
    private const ulong ReservedBits = ~((1UL << 54) - 1); // PBMT and N included: Svpbmt and Svnapot are not implemented

    public static WalkResult Find(GuestRam ram, Hart hart, ulong address, AccessKind kind, Privilege privilege, out Walk walk)
    {
        walk = default;
        if ((ulong)((long)(address << 25) >> 25) != address)
        {
            return WalkResult.PageFault; // bits 63:39 must equal bit 38
        }

        while (true)
        {
            WalkResult result = FindLeaf(ram, hart, address, out ulong* at, out ulong atPhysical, out ulong entry, out int level);
            if (result != WalkResult.Found)
            {
                return result;
            }

            ulong frame = (entry & PhysicalPageMask) << 2;
            ulong inside = (1UL << (12 + (9 * level))) - 1;
            if (!Permits(hart, entry, kind, privilege) || (frame & inside) != 0)
            {
                return WalkResult.PageFault;
            }

            ulong wanted = entry | Accessed | (kind == AccessKind.Store ? Dirty : 0);
            if (wanted != entry)
            {
                if (!hart.Protection.Allows(atPhysical, 8, AccessKind.Store, Privilege.Supervisor, out _))
                {
                    return WalkResult.AccessFault;
                }

                if (Interlocked.CompareExchange(ref *at, wanted, entry) != entry)
                {
                    continue;
                }
            }

            walk = new Walk(frame | (address & inside), wanted, level, wanted != entry ? atPhysical : null);
            return WalkResult.Found;
        }
    }

    private static WalkResult FindLeaf(
        GuestRam ram, Hart hart, ulong address, out ulong* at, out ulong atPhysical, out ulong entry, out int level)
    {
        ulong table = hart.RootTable;
        at = null;
        (atPhysical, entry) = (0, 0);
        for (level = Levels - 1; level >= 0; level--)
        {
            atPhysical = table + (8 * ((address >> (12 + (9 * level))) & 511));
            if (!ram.TryHost(atPhysical, 8, out byte* host) || !hart.Protection.Allows(atPhysical, 8, AccessKind.Load, Privilege.Supervisor, out _))
            {
                return WalkResult.AccessFault;
            }

            at = (ulong*)host;
            entry = Volatile.Read(ref *at);
            bool isLeaf = (entry & (Readable | Executable)) != 0;
            if ((entry & Valid) == 0 || (entry & ReservedBits) != 0 || (entry & (Readable | Writable)) == Writable ||
                (!isLeaf && (entry & (Accessed | Dirty | User)) != 0))
            {
                return WalkResult.PageFault;
            }

            if (isLeaf)
            {
                return WalkResult.Found;
            }

            table = (entry & PhysicalPageMask) << 2;
        }

        return WalkResult.PageFault;
    }

    /// <summary>The leaf's permissions allow the access; whether A and D are set does not matter.</summary>
    public static bool Permits(Hart hart, ulong entry, AccessKind kind, Privilege privilege)
    {
        bool isUserPage = (entry & User) != 0;
        if (privilege == Privilege.User ? !isUserPage : isUserPage && (kind == AccessKind.Fetch || (hart.Mstatus & StatusBit.Sum) == 0))
        {
            return false;
        }

        return kind switch
        {
            AccessKind.Fetch => (entry & Executable) != 0,
            AccessKind.Store => (entry & Writable) != 0,
            _ => (entry & (Readable | ((hart.Mstatus & StatusBit.Mxr) != 0 ? Executable : 0))) != 0,
        };
    }
}
