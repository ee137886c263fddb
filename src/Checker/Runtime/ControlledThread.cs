using System.Runtime.CompilerServices;

namespace Verify.Checker.Runtime;

/// <summary>A thread of the program under test: a number, a place to sleep and what it waits for.</summary>
public sealed class ControlledThread
{
    [ThreadStatic]
    private static ControlledThread? t_current;

    internal ControlledThread(int id, string name, Execution execution, Gate gate, Thread host)
    {
        Host = host;
        Id = id;
        Name = name;
        Execution = execution;
        Gate = gate;
    }

    /// <summary>The controlled thread that is running on the calling OS thread, or null when it is not under control.</summary>
    public static ControlledThread? Current
    {
        get => t_current;
        internal set => t_current = value;
    }

    /// <summary>Number in order of creation; 0 is the test body.</summary>
    public int Id { get; }

    /// <summary>Name given by the program, or <c>main</c>, <c>thread1</c>, ….</summary>
    public string Name { get; internal set; }

    internal Execution Execution { get; }

    internal Gate Gate { get; }

    internal Thread Host { get; } // the operating system's thread

    internal WorkerPool.Worker? Worker { get; init; } // null for thread 0

    internal volatile bool Woken; // by the watchdog, from where it blocked outside control

    internal volatile bool Lost; // given up by the watchdog: it does not come back

    internal Action? Body { get; set; }

    internal Thread? Object { get; set; } // what the program sees as this thread

    internal bool Started { get; set; }

    internal bool Finished { get; set; }

    internal bool IsBackground { get; set; }

    internal bool Unwinding { get; set; }

    internal int PointsWhileUnwinding { get; set; }

    internal List<ControlledThread> Joiners { get; } = [];

    internal string? WaitsFor { get; set; } // set while blocked, for the deadlock report

    internal LockState? BlockedOn { get; set; }

    internal LockState? WaitsOn { get; set; } // the monitor it is in Wait on

    internal unsafe byte* StackTop { get; set; } // of the operating-system thread's stack, as far as the body's frames reach

    internal Waitable? WaitingFor { get; set; } // while its next event is to take that

    internal Waitable? CancelledBy { get; set; } // what ends that wait early

    internal bool Granted { get; set; } // it has what it waits for and has not run since

    internal bool InterruptPending { get; set; }

    internal bool InterruptDelivered { get; set; } // the interrupt found it blocked, so this wait throws

    internal int LocksHeld { get; set; } // of the kinds that nobody else can release

    internal List<Shims.MutexModel> Mutexes { get; } = [];

    internal long Deadline { get; set; } // virtual milliseconds at which a patient timed wait ends; 0 when there is none

    /// <summary>Whether the address is in a frame of this thread, which must be the calling one; such memory is nobody else's.</summary>
    internal unsafe bool IsOnOwnStack(byte* address)
    {
        byte here;
        return address > &here && address < StackTop;
    }

    /// <summary>A scheduling point before an access to shared memory. Does nothing on a thread that is not under control.</summary>
    /// <returns>Who wants to know the value; null while exploring.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe IExecutionWatch? Point(OperationKind kind, ref byte location, int site)
    {
        ControlledThread? self = t_current;
        if (self is null)
        {
            return null;
        }

        self.Execution.Point(self, kind, (nuint)Unsafe.AsPointer(ref location), site);
        return self.Execution.Watch;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Point(OperationKind kind, int site)
    {
        ControlledThread? self = t_current;
        self?.Execution.Point(self, kind, 0, site);
    }
}
