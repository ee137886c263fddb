namespace Verify.Engine.Backends;

/// <summary>How a machine executes translation blocks.</summary>
public enum BackendKind
{
    /// <summary>A switch over decoded instructions: portable, the one that is checked, and the reference for the others.</summary>
    Interpreter,

    /// <summary>x86-64 machine code; guest memory through the TLB.</summary>
    X64,

    /// <summary>
    /// As <see cref="X64"/>, but where guest addresses are physical (machine mode) an access is checked against the bounds of RAM, and a store
    /// afterwards against the flags of its page, instead of the TLB. It needs RAM below 2 GiB in address and size,
    /// in one block, without dirty memory; other machines use the TLB.
    /// </summary>
    X64Flat,
}
