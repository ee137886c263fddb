namespace Verify.Engine.Translation;

/// <summary>QEMU's <c>cflags</c>. All of them are part of the look-up key, so a look-up never returns a block that carries another set.</summary>
[Flags]
public enum TbFlags
{
    None = 0,

    /// <summary>The bits that hold the greatest number of guest instructions in the block; 0 is the machine's own limit (CF_COUNT_MASK).</summary>
    CountMask = 0x7f,

    /// <summary>Translated for one execution: in no cache, never linked (CF_NOCACHE).</summary>
    NoCache = 0x100,

    /// <summary>Executed while all other vCPUs are outside: never linked, and not seen by vCPUs that run in parallel (without CF_PARALLEL).</summary>
    Exclusive = 0x200,

    /// <summary>The block is stale (CF_INVALID).</summary>
    Invalid = 0x4000_0000,
}
