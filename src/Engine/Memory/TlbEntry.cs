using System.Runtime.InteropServices;

namespace Verify.Engine.Memory;

/// <summary>
/// One translation of a guest page, QEMU's CPUTLBEntry: a tag for each kind of access, and what turns a guest into a host address.
/// </summary>
/// <remarks>
/// A tag is the guest page address with flags in its lower bits, all zero where the fast path may be used. An access compares the tag with its own
/// address, of which it keeps the page and the bits that must be zero for alignment: one comparison finds hits and excludes misaligned accesses.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
public struct TlbEntry
{
    /// <summary>No access of this kind may use the entry.</summary>
    public const ulong Invalid = 1UL << 11;

    /// <summary>In a write tag: somebody wants to know of stores (code was translated from the page, or it is clean).</summary>
    public const ulong NotDirty = 1UL << 10;

    /// <summary>The page is no RAM; <see cref="Addend"/> then leads to the guest physical address.</summary>
    public const ulong Mmio = 1UL << 9;

    public const ulong PageMask = ~0xfffUL;

    /// <summary>Tag of loads. Owner only.</summary>
    public ulong Read;

    /// <summary>Tag of stores. Written under TlbLock; read under it by others, and without by the owner.</summary>
    public ulong Write;

    /// <summary>Tag of instruction fetches. Owner only.</summary>
    public ulong Code;

    /// <summary>Host address minus guest virtual address. Written under TlbLock.</summary>
    public ulong Addend;

    /// <summary>The page this entry is for, or null if it is empty.</summary>
    public readonly ulong? Page =>
        (Read & Invalid) == 0 ? Read & PageMask :
        (Write & Invalid) == 0 ? Write & PageMask :
        (Code & Invalid) == 0 ? Code & PageMask : null;

    /// <summary>All bits set, so that a whole table is emptied at once: every tag is invalid.</summary>
    public static TlbEntry Empty => new() { Read = ulong.MaxValue, Write = ulong.MaxValue, Code = ulong.MaxValue, Addend = ulong.MaxValue };
}
