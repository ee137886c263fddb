using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <content>Interruption, state, and the accesses of .NET's first version.</content>
public static partial class ThreadShim
{
    public static void Interrupt(Thread self, int site)
    {
        if (Record(self) is not { } record)
        {
            self.Interrupt();
            return;
        }

        if (ControlledThread.Current is not { } current)
        {
            throw new UncontrolledCallException("Thread.Interrupt on a controlled thread by a thread outside control");
        }

        if (record.Controlled is { } target)
        {
            current.Execution.Interrupt(current, target, site);
        }
        else
        {
            record.InterruptPending = true; // it ends the first wait of the thread, once that has started
        }
    }

    public static ThreadState get_ThreadState(Thread self, int site)
    {
        if (Record(self) is not { } record)
        {
            return self.ThreadState;
        }

        ControlledThread.Point(OperationKind.ThreadJoin, site); // what other threads do can be observed here
        ThreadState background = record.IsBackground ? ThreadState.Background : ThreadState.Running;
        return record.Controlled switch
        {
            null => ThreadState.Unstarted | background,
            { Finished: true } => ThreadState.Stopped,
            { WaitsFor: not null } => ThreadState.WaitSleepJoin | background,
            _ => background,
        };
    }

    // No pool runs under control.
    public static bool get_IsThreadPoolThread(Thread self, int site) => Living(self) is null && self.IsThreadPoolThread;

    public static byte VolatileRead(ref byte address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref byte address, byte value, int site) => SharedMemory.Write(ref address, value, site);

    public static double VolatileRead(ref double address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref double address, double value, int site) => SharedMemory.Write(ref address, value, site);

    public static short VolatileRead(ref short address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref short address, short value, int site) => SharedMemory.Write(ref address, value, site);

    public static int VolatileRead(ref int address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref int address, int value, int site) => SharedMemory.Write(ref address, value, site);

    public static long VolatileRead(ref long address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref long address, long value, int site) => SharedMemory.Write(ref address, value, site);

    public static nint VolatileRead(ref nint address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref nint address, nint value, int site) => SharedMemory.Write(ref address, value, site);

    public static object? VolatileRead(ref object? address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref object? address, object? value, int site) => SharedMemory.Write(ref address, value, site);

    public static sbyte VolatileRead(ref sbyte address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref sbyte address, sbyte value, int site) => SharedMemory.Write(ref address, value, site);

    public static float VolatileRead(ref float address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref float address, float value, int site) => SharedMemory.Write(ref address, value, site);

    public static ushort VolatileRead(ref ushort address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref ushort address, ushort value, int site) => SharedMemory.Write(ref address, value, site);

    public static uint VolatileRead(ref uint address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref uint address, uint value, int site) => SharedMemory.Write(ref address, value, site);

    public static ulong VolatileRead(ref ulong address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref ulong address, ulong value, int site) => SharedMemory.Write(ref address, value, site);

    public static nuint VolatileRead(ref nuint address, int site) => SharedMemory.Read(in address, site);

    public static void VolatileWrite(ref nuint address, nuint value, int site) => SharedMemory.Write(ref address, value, site);

    /// <summary>What a thread that sleeps without end waits for.</summary>
    private sealed class Never(Execution execution) : Waitable(execution, "interrupt")
    {
        internal override string Describe() => "an interrupt";

        internal override bool CanTake(ControlledThread thread) => false;
    }
}
