namespace Verify.Engine.Execution;

/// <summary>What a flush of the translation cache excludes.</summary>
public enum FlushDiscipline
{
    /// <summary>Who takes TbLock; not who executes. QEMU up to 2.7.</summary>
    UnderTbLock,

    /// <summary>Every vCPU: the flush is safe work in an exclusive section, and a vCPU out of space leaves its loop first. QEMU since 2.9.</summary>
    Exclusive,
}
