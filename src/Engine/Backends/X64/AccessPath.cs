namespace Verify.Engine.Backends.X64;

/// <summary>How the code of a block reaches guest memory when nothing special is the matter.</summary>
internal enum AccessPath
{
    /// <summary>Tag and addend of the TLB entry.</summary>
    Tlb,

    /// <summary>Tag of the TLB entry. Addresses are physical: the addend of every entry for RAM is the same, and not waited for.</summary>
    IdentityTlb,

    /// <summary>Bounds of RAM; of stores also the flags of the page, afterwards. Addresses are physical.</summary>
    Flat,
}
