using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>
/// One hart: its registers, and what the execution loop keeps for it. Its owner is the thread inside <see cref="Machine.CpuExec"/>.
/// </summary>
public sealed class VCpu
{
    private readonly int _jumpCacheBits;
    private volatile bool _running;

    internal VCpu(int index, int jumpCacheBits)
    {
        Index = index;
        _jumpCacheBits = jumpCacheBits;
    }

    /// <summary>Hart number, from 0; that of an unplugged hart is used again.</summary>
    public int Index { get; }

    /// <summary>x0 to x31, and the <see cref="Op.Sink"/>. Owner only.</summary>
    public ulong[] X { get; } = new ulong[33];

    /// <summary>Of the next instruction while outside generated code. Owner only.</summary>
    public ulong Pc { get; set; }

    /// <summary>Guest instructions retired. Owner only; anybody once the vCPU has ended.</summary>
    public long Instructions { get; internal set; }

    /// <summary>Main loop iterations that found a block. Owner only.</summary>
    public long Lookups { get; internal set; }

    /// <summary>What the hart handed to exit (ecall 93), or null. Owner only; anybody once the vCPU has ended.</summary>
    public long? ExitCode { get; internal set; }

    /// <summary>There from <see cref="Realize"/> on, which comes before the vCPU can be seen by others (TB19).</summary>
    public TbJumpCache JumpCache { get; private set; } = null!;

    public CpuWorkQueue Work { get; } = new();

    /// <summary>Between CpuExecStart and CpuExecEnd: an exclusive section waits for it. Written by the owner, read by anybody.</summary>
    public bool IsRunning
    {
        get => _running;
        internal set => _running = value;
    }

    /// <summary>Exclusive sections of this vCPU that are not ended. Owner only.</summary>
    public int ExclusiveDepth { get; internal set; }

    /// <summary>The hart ends: it has exited, faulted or ended the machine. Owner only.</summary>
    internal bool Ended;

    /// <summary>
    /// Nonzero asks the vCPU to leave generated code at the next block entry: <see cref="ToMainLoop"/> to look around, <see cref="OutOfLoop"/> to
    /// leave its loop as well. Written by anybody, taken back by the owner.
    /// </summary>
    internal int ExitRequest;

    internal const int OutOfLoop = 1;
    internal const int ToMainLoop = 2;

    // The reservation of LR: address 1 is none, since reservations are aligned. Owner only.
    internal ulong ReservedAddress = 1;
    internal ulong ReservedValue;

    internal bool HasWaiter;     // an exclusive section has counted this vCPU; under ExclusiveState.Lock
    internal bool InLoop;        // under TbLock
    internal bool WaitsForSlots; // under TbLock
    internal long QuietSince;    // flush count at the end of the last find-and-patch critical section; under TbLock
    internal bool Started;       // under Machine's completion lock
    internal bool Gone;          // its thread has left CpuExec; under Machine's completion lock
    internal int UnplugRequest;  // volatile; never cleared

    /// <summary>Makes what other threads may touch as soon as they see the vCPU.</summary>
    public void Realize() => JumpCache = new TbJumpCache(_jumpCacheBits);

    /// <summary>Asks the vCPU to leave its loop soon, and let go of its last block.</summary>
    public void Kick() => Volatile.Write(ref ExitRequest, OutOfLoop);

    /// <summary>Asks the vCPU to leave generated code soon; it may keep its last block.</summary>
    internal void KickOutOfCode() => Interlocked.CompareExchange(ref ExitRequest, ToMainLoop, 0);

    /// <summary>Whether the vCPU must leave its loop; a lesser request is taken back. Owner only.</summary>
    internal bool MustLeaveLoop()
    {
        int request = Volatile.Read(ref ExitRequest);
        return request != 0 && (request == OutOfLoop || Interlocked.CompareExchange(ref ExitRequest, 0, ToMainLoop) != ToMainLoop);
    }

    /// <summary>Takes the request back before the owner looks for its reason, with a full barrier in between; who asks writes in the other order.</summary>
    public void TakeExitRequest() => Interlocked.Exchange(ref ExitRequest, 0);

    /// <summary>As <see cref="TakeExitRequest"/> but without the barrier. No protocol of the engine does this; it is here for wrong ones.</summary>
    public void TakeExitRequestUnordered() => Volatile.Write(ref ExitRequest, 0);
}
