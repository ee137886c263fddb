namespace Verify.Engine.Dirty;

/// <summary>Makes writes to pages that became clean leave the fast path again (QEMU tlb_reset_dirty_range_all).</summary>
public interface ITlbRearm
{
    /// <summary>Sets NOTDIRTY on every TLB entry, of every vCPU, for the pages. Called after their bits were cleared, outside any read
    /// section.</summary>
    void ResetDirty(long startPage, long pageCount);
}

/// <summary>For a machine without a TLB.</summary>
public sealed class NoTlb : ITlbRearm
{
    public void ResetDirty(long startPage, long pageCount)
    {
    }
}

/// <summary>Told of ranges that devices modified (QEMU xen_modified_memory).</summary>
public interface IModifiedMemory
{
    void Modified(ByteRange bytes);
}
