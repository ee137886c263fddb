using System.Runtime.CompilerServices;
using Verify.Engine.Dirty;
using Verify.Engine.Guest;
using Verify.Engine.Memory;
using Verify.Engine.Rcu;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>
/// One hart: its registers, and what the execution loop keeps for it. Its owner is the thread inside <see cref="Machine.CpuExec(int)"/>.
/// </summary>
public sealed unsafe partial class VCpu
{
    private readonly IdleHarts _idle;
    private readonly int _jumpCacheBits;
    private readonly CodeArena? _native;
    private volatile bool _running;

    /// <param name="native">The arena of the blocks that generated code looks up, or null without generated code.</param>
    internal VCpu(Hart hart, int jumpCacheBits, IdleHarts idle, CodeArena? native = null)
    {
        Index = hart.Index;
        Hart = hart;
        _jumpCacheBits = jumpCacheBits;
        _idle = idle;
        _native = native;
        Registers = (ulong*)Unsafe.AsPointer(ref X[0]);
    }

    /// <summary>Hart number, from 0; that of an unplugged hart is used again.</summary>
    public int Index { get; }

    /// <summary>x0 to x31, and the <see cref="Op.Sink"/>. Owner only. What follows is no guest state: see <see cref="StateWord"/>.</summary>
    public ulong[] X { get; } = GC.AllocateArray<ulong>(StateWord.Count, pinned: true);

    /// <summary>Mode, CSRs and pending interrupts.</summary>
    public Hart Hart { get; }

    public SoftTlb Tlb { get; } = new();

    /// <summary>
    /// Of the next instruction while outside generated code; of the current one in a slow path. Owner only.
    /// </summary>
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
    internal ref int ExitRequest => ref *(int*)(Registers + StateWord.ExitRequest);

    // Greater than any budget, so that generated code tests request and budget with one comparison.
    internal const int OutOfLoop = int.MaxValue;
    internal const int ToMainLoop = int.MaxValue - 1;

    /// <summary>Nonzero while the vCPU sleeps in wfi. Written by the owner, read by who kicks it.</summary>
    internal int Asleep;

    /// <summary>Nonzero if the time of the hart's next timer interrupt has changed. Set by anybody before a kick, taken back by the owner.</summary>
    internal int TimerRequest;

    // Owner only.
    internal const ulong NoReservation = 1;
    internal ulong ReservedAddress = NoReservation; // guest physical, of LR; a reservation is aligned
    internal ulong ReservedValue;
    internal bool Halted;             // in wfi
    internal long Budget = Quantum;   // instructions until the main loop must look at the time; at most 0: now
    internal long Credit;             // what is left of the budget while generated code runs
    internal int Exit;                // how the interpreter's fast loop came to its end
    internal int StoppedAt;           // number of the op it stopped at
    internal long RetiredNow;         // instructions before the one that is in a slow path
    internal long Traps;              // taken; each counts as an instruction where time is concerned, so that it passes in a loop of traps
    internal long TimeReported;       // of Instructions and Traps, what the clock knows already
    internal bool FetchAgain;         // the block to translate reaches into a page whose address was not looked up
    internal TlbEntry* DataTable, CodeTable;
    internal readonly ulong* Registers; // X

    /// <summary>Most instructions between two looks at the time.</summary>
    internal const long Quantum = 1 << 16;

    internal IDirtyMemory? Dirty;              // owner only; its view of dirty memory, from the first slow path on
    internal RcuReader<SymmetricRcu>? Rcu;     // owner only; inside a section while the vCPU executes

    internal bool HasWaiter;     // an exclusive section has counted this vCPU; under ExclusiveState.Lock
    internal bool InLoop;        // under TbLock
    internal bool WaitsForSlots; // under TbLock
    internal long QuietSince;    // flush count at the end of the last find-and-patch critical section; under TbLock
    internal bool Started;       // under Machine's completion lock
    internal bool Gone;          // its thread has left CpuExec; under Machine's completion lock
    internal int Requests;       // Interlocked; Unplug is never taken back
    internal bool Unplugged;     // under Machine's completion lock; somebody has begun to unplug it
    internal bool Parked;        // under Machine's completion lock; paused, its state may be read

    /// <summary>In <see cref="Requests"/>: leave the loop for good; or stay outside until told otherwise.</summary>
    internal const int Unplug = 1, Pause = 2;

    /// <summary>The owner's view of dirty memory, or null if the machine has none. Owner only.</summary>
    internal IDirtyMemory? DirtyView(GuestRam ram) => Dirty ??= ram.Dirty?.Design.Attach();

    /// <summary>Makes what other threads may touch as soon as they see the vCPU.</summary>
    public void Realize()
    {
        JumpCache = new TbJumpCache(_jumpCacheBits, _native);
        StatusChanged();
    }

    /// <summary>Somebody wants the vCPU to leave its loop, or generated code, and it has not answered yet.</summary>
    public bool IsKicked => Volatile.Read(ref ExitRequest) != 0;

    /// <summary>Asks the vCPU to leave its loop soon, and let go of its last block; wakes it if it sleeps.</summary>
    public void Kick()
    {
        Interlocked.Exchange(ref ExitRequest, OutOfLoop); // Pairs with the barrier in IdleHarts.Sleep.
        if (Volatile.Read(ref Asleep) != 0)
        {
            _idle.Wake();
        }
    }

    /// <summary>Asks the vCPU to leave generated code soon; it may keep its last block.</summary>
    internal void KickOutOfCode() => Interlocked.CompareExchange(ref ExitRequest, ToMainLoop, 0);

    /// <summary>Whether the vCPU must leave its loop; a lesser request is taken back. Owner only.</summary>
    internal bool MustLeaveLoop()
    {
        int request = Volatile.Read(ref ExitRequest);
        return request != 0 && (request == OutOfLoop || Interlocked.CompareExchange(ref ExitRequest, 0, ToMainLoop) != ToMainLoop);
    }

    /// <summary>
    /// Takes the request back before the owner looks for its reason, with a full barrier in between; who asks writes in the other order.
    /// </summary>
    public void TakeExitRequest() => Interlocked.Exchange(ref ExitRequest, 0);

    /// <summary>As <see cref="TakeExitRequest"/> but without the barrier. No protocol of the engine does this; it is here for wrong ones.</summary>
    public void TakeExitRequestUnordered() => Volatile.Write(ref ExitRequest, 0);

    /// <summary>The privilege mode or mstatus has changed: chooses TLB tables, and looks for an interrupt that may be taken now.</summary>
    internal void StatusChanged()
    {
        bool sum = (Hart.Mstatus & StatusBit.Sum) != 0;
        JumpCache.Mode = Hart.Privilege switch
        {
            Privilege.Machine => Hart.Protection.BindsMachineMode ? TbFlags.ProtectedMachine : TbFlags.None,
            Privilege.Supervisor => TbFlags.Supervisor,
            _ => TbFlags.User,
        };
        CodeTable = Tlb.Table(Hart.Privilege switch { Privilege.Machine => 0, Privilege.Supervisor => 1, _ => 2 });
        DataTable = Tlb.Table(Hart.DataPrivilege switch { Privilege.Machine => 0, Privilege.Supervisor => sum ? 3 : 1, _ => 2 });
        if (Hart.InterruptToTake() >= 0)
        {
            Volatile.Write(ref ExitRequest, OutOfLoop);
        }
    }

    /// <summary>The mode of fetches, part of the key of every look-up of a block.</summary>
    internal TbFlags Mode => JumpCache.Mode;

    /// <summary>Address translation or protection has changed: forgets all of it that is cached. Owner only.</summary>
    internal void FlushTranslations()
    {
        Tlb.Flush();
        JumpCache.Clear();
    }
}
