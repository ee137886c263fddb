namespace Verify.Checker.Runtime;

/// <summary>What the rewriter knows about the address and the value of an access.</summary>
[Flags]
public enum SiteTraits : byte
{
    /// <summary>Nothing: a reference that came from somewhere else.</summary>
    None = 0,

    /// <summary>A static field: the address depends on no read.</summary>
    Static = 1,

    /// <summary>A field reached through an object reference.</summary>
    Field = 2,

    /// <summary>An element of an array reached through a reference, by an index that may come from memory.</summary>
    Element = 4,

    /// <summary>An address computed from a pointer; with <see cref="FixedOffset"/> by a constant offset.</summary>
    Pointer = 8,

    /// <summary>The index or offset comes from no read.</summary>
    FixedOffset = 16,

    /// <summary>What is stored comes from no read.</summary>
    ConstantValue = 32,

    /// <summary>In a method whose plain accesses race on purpose.</summary>
    Relaxed = 64,
}
