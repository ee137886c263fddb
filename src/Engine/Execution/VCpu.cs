using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>
/// One hart: its registers, and what the execution loop keeps for it. Its owner is the thread inside <see cref="Machine.CpuExec"/>.
/// </summary>
public sealed class VCpu
{
    internal VCpu(int index, int jumpCacheBits)
    {
        Index = index;
        JumpCache = new TbJumpCache(jumpCacheBits);
    }

    /// <summary>Hart number, from 0.</summary>
    public int Index { get; }

    /// <summary>x0 to x31, and the <see cref="Op.Sink"/>. Owner only.</summary>
    public ulong[] X { get; } = new ulong[33];

    /// <summary>Of the next instruction while outside generated code. Owner only.</summary>
    public ulong Pc { get; set; }

    /// <summary>Guest instructions retired. Owner only; anybody once the vCPU has ended.</summary>
    public long Instructions { get; internal set; }

    /// <summary>Main loop iterations: critical sections that found a block. Owner only.</summary>
    public long Lookups { get; internal set; }

    /// <summary>What the hart handed to exit (ecall 93), or null. Owner only; anybody once the vCPU has ended.</summary>
    public long? ExitCode { get; internal set; }

    public TbJumpCache JumpCache { get; }

    /// <summary>The hart ends: it has exited, faulted or ended the machine. Owner only.</summary>
    internal bool Ended;

    /// <summary>Nonzero asks the vCPU to leave generated code at the next block entry. Written by anybody, cleared by the owner.</summary>
    internal int ExitRequest;

    // The reservation of LR: address 1 is none, since reservations are aligned. Owner only.
    internal ulong ReservedAddress = 1;
    internal ulong ReservedValue;

    internal bool InLoop;        // under TbLock
    internal bool WaitsForSlots; // under TbLock
    internal long QuietSince;    // flush count at the end of the last find-and-patch critical section; under TbLock

    /// <summary>Asks the vCPU to return to its main loop soon.</summary>
    internal void Kick() => Volatile.Write(ref ExitRequest, 1);
}
