using System.Runtime.InteropServices;
using Verify.Engine.Memory;

namespace Verify.Scenarios.Memory;

/// <summary>A vCPU replaces, recalls or flushes a TLB entry while another thread makes stores to its page take the slow path.</summary>
/// <remarks>
/// Invariant: while the page has a flag, no entry for it lets stores go the fast way, wherever the entry has gone; and what was flushed does not come
/// back with the flag.
/// </remarks>
public sealed unsafe class TlbWriters() : TlbScenario(
    ScenarioCase.Sound("under-lock", "all who write a tag hold TlbLock", () => Run(static tlb => Fill(tlb, Other))),
    ScenarioCase.Sound("page-flushed", "all who write a tag hold TlbLock", () => Run(static tlb => tlb.FlushPage(Address), isFlush: true)),
    ScenarioCase.Sound("all-flushed", "all who write a tag hold TlbLock", () => Run(static tlb => tlb.Flush(), isFlush: true)),
    ScenarioCase.Sound("recalled", "all who write a tag hold TlbLock", () => Run(static tlb => tlb.Recall(tlb.Table(0), Address, WriteTag), isVictim: true)),
    ScenarioCase.Mutant(
        "copied-without-lock", "NOTDIRTY is set on an entry that has been read, and the copy lacks it (TB33)", "go the fast way", () => Run(ReplaceUnlocked)),
    ScenarioCase.Mutant(
        "flushed-without-lock", "NOTDIRTY is stored over the empty tag, with the page of the tag that was read (TB33)", "has come back",
        () => Run(FlushUnlocked, isFlush: true)))
{
    private const int WriteTag = 1; // its offset in an entry
    private const ulong Other = Address + (SoftTlb.Size << 12); // uses the same entry

    public override string Name => "tlb-writers";

    public override string Summary => "a vCPU replaces, recalls or flushes a TLB entry while another thread marks the entry's page NOTDIRTY";

    public override string Source => "races.md TB33";

    private static void Run(Action<SoftTlb> change, bool isFlush = false, bool isVictim = false)
    {
        var tlb = new SoftTlb();
        byte* flags = (byte*)NativeMemory.AllocZeroed(1);
        try
        {
            Fill(tlb, Address, flags);
            if (isVictim)
            {
                Fill(tlb, Other);
            }

            RunActors(
                ("vcpu0", () =>
                {
                    StoreTwice(tlb);
                    change(tlb);
                }
            ),
                ("translator", () => Protect(tlb, flags)));
            CheckSlow(tlb);
            Check(!isFlush || (SoftTlb.Entry(tlb.Table(0), Address)->Write & TlbEntry.Invalid) != 0, "an entry that was flushed has come back");
        }
        finally
        {
            NativeMemory.Free(flags);
        }
    }

    // What the fast path of two stores compares: no lock is held.
    private static void StoreTwice(SoftTlb tlb)
    {
        TlbEntry* entry = SoftTlb.Entry(tlb.Table(0), Address);
        ulong first = Volatile.Read(ref entry->Write), second = Volatile.Read(ref entry->Write);
        Check((first & TlbEntry.NotDirty) == 0 || (second & TlbEntry.NotDirty) != 0, "NOTDIRTY has gone by itself");
    }

    // tlb_protect_code: the flag first, then the entries.
    private static void Protect(SoftTlb tlb, byte* flags)
    {
        Volatile.Write(ref *flags, 1);
        tlb.SetNotDirty((byte*)(Address + Addend), 1UL << 12);
    }

    // SoftTlb.Fill with its lock left out.
    private static void ReplaceUnlocked(SoftTlb tlb)
    {
        TlbEntry* entry = SoftTlb.Entry(tlb.Table(0), Other);
        Copy(tlb.Table(0) + SoftTlb.Size, entry);
        TlbEntry filled = Translation(Other);
        Copy(entry, &filled);
    }

    // SoftTlb.FlushPage with its lock left out.
    private static void FlushUnlocked(SoftTlb tlb)
    {
        TlbEntry empty = TlbEntry.Empty;
        Copy(SoftTlb.Entry(tlb.Table(0), Address), &empty);
    }

    private static void Copy(TlbEntry* to, TlbEntry* from)
    {
        ulong write = Volatile.Read(ref from->Write);
        Volatile.Write(ref to->Read, Volatile.Read(ref from->Read));
        Volatile.Write(ref to->Code, Volatile.Read(ref from->Code));
        Volatile.Write(ref to->Addend, Volatile.Read(ref from->Addend));
        Volatile.Write(ref to->Write, write);
    }

    private static void CheckSlow(SoftTlb tlb)
    {
        TlbEntry* table = tlb.Table(0);
        for (int i = 0; i < SoftTlb.Size + SoftTlb.Victims; i++)
        {
            Check(table[i].Write != Address, "stores to a page with a flag go the fast way, through an entry among the victims");
        }
    }
}
