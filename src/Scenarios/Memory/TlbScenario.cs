using Verify.Engine.Execution;
using Verify.Engine.Memory;

namespace Verify.Scenarios.Memory;

/// <summary>A scenario over the TLB of a vCPU: one page of a guest, and what the fast path of a load or store does with its entry.</summary>
public abstract unsafe class TlbScenario(params ScenarioCase[] cases) : CaseScenario(cases)
{
    /// <summary>Guest address of the page.</summary>
    protected const ulong Address = 0x80000000;

    /// <summary>What its entry adds to a guest address. Nothing is accessed with it.</summary>
    protected const ulong Addend = 0x1000;

    /// <summary>Brings the entry of a page in, for loads and stores.</summary>
    protected static void Fill(SoftTlb tlb, ulong address, byte* flags = null) =>
        tlb.Fill(tlb.Table(0), address, Translation(address), new PageWatch(flags), isLargePage: false);

    /// <summary>The entry of a page whose stores may go the fast way.</summary>
    protected static TlbEntry Translation(ulong address) =>
        new() { Read = address, Write = address, Code = ulong.MaxValue, Addend = Addend };

    /// <summary>Whether a store to the page hits; if so the addend it uses belongs to the tag it compared.</summary>
    /// <remarks>The interpreter's two reads, in its order; volatile here, so that another thread can come in between.</remarks>
    protected static bool Hits(VCpu cpu)
    {
        TlbEntry* entry = SoftTlb.Entry(cpu.Tlb.Table(0), Address);
        if (Volatile.Read(ref entry->Write) != Address)
        {
            return false;
        }

        ulong addend = Volatile.Read(ref entry->Addend);
        Check(addend == Addend, $"a store uses the addend {addend:x}, which does not belong to the tag it compared");
        return true;
    }
}
