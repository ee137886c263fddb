using System.Runtime.InteropServices;
using Verify.Engine.Memory;

namespace Verify.Scenarios.Memory;

/// <summary>A vCPU replaces a TLB entry, which goes to the victims, while another thread makes stores to its page take the slow path.</summary>
/// <remarks>Invariant: while the page has a flag, no entry for it lets stores go the fast way, wherever the entry has gone.</remarks>
public sealed unsafe class TlbWriters() : TlbScenario(
    ScenarioCase.Sound("under-lock", "all who write a tag hold TlbLock", () => Run(static (tlb, address) => Fill(tlb, address))),
    ScenarioCase.Mutant(
        "copied-without-lock", "NOTDIRTY is set on an entry that has been read, and the copy lacks it (TB33)", "go the fast way", () => Run(ReplaceUnlocked)))
{
    private const ulong Other = Address + (SoftTlb.Size << 12); // uses the same entry

    public override string Name => "tlb-writers";

    public override string Summary => "a vCPU replaces a TLB entry while another thread marks the entry's page NOTDIRTY";

    public override string Source => "races.md TB33";

    private static void Run(Action<SoftTlb, ulong> replace)
    {
        var tlb = new SoftTlb();
        byte* flags = (byte*)NativeMemory.AllocZeroed(1);
        try
        {
            Fill(tlb, Address, flags);
            RunActors(
                ("vcpu0", () => replace(tlb, Other)),
                ("translator", () => Protect(tlb, flags)));
            CheckSlow(tlb);
        }
        finally
        {
            NativeMemory.Free(flags);
        }
    }

    // tlb_protect_code: the flag first, then the entries.
    private static void Protect(SoftTlb tlb, byte* flags)
    {
        Volatile.Write(ref *flags, 1);
        tlb.SetNotDirty((byte*)(Address + Addend), 1UL << 12);
    }

    // SoftTlb.Fill with its lock left out.
    private static void ReplaceUnlocked(SoftTlb tlb, ulong address)
    {
        TlbEntry* entry = SoftTlb.Entry(tlb.Table(0), address);
        Copy(tlb.Table(0) + SoftTlb.Size, entry);
        TlbEntry filled = Translation(address);
        Copy(entry, &filled);
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
