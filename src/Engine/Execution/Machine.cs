using System.Runtime.ExceptionServices;
using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>
/// A guest machine: RAM, harts, devices and the translation cache they share. See <see cref="Machine{TInvalidation,TMemory,TAudit}"/>.
/// </summary>
public abstract partial class Machine : IDisposable
{
    private readonly object _endLock = new();
    private readonly Htif _htif;
    private readonly VirtualClock _clock;
    private readonly Clint _clint;
    private readonly IdleHarts _idle;
    private GuestFault? _fault;     // under _endLock; the first one
    private long? _exitCode;        // under _endLock; the first one
    private int _stopRequested;     // volatile; never cleared

    /// <exception cref="ElfException">The image does not fit.</exception>
    private protected Machine(GuestImage image, MachineOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Cpus, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Cpus, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxTbInstructions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxTbInstructions, Translator.MaxInstructions);
        Options = options;
        Ram = new GuestRam(options.RamStart, options.RamSize);
        image.CopyTo(Ram);
        if (image.ToHost is { } toHost)
        {
            Ram.MarkDevice((toHost - Ram.Start) >> GuestRam.PageBits);
        }

        GuestConsole console = new(options.Console);
        _htif = new Htif(Ram, image, console);
        _clock = new VirtualClock(options.TickSource);
        Hart[] harts = Enumerable.Range(0, options.Cpus).Select(i => new Hart(i, _clock)).ToArray();
        _clint = new Clint(harts, _clock, hart => Cpus![hart].Kick());
        Devices = new DeviceBus(
        [
            new DeviceRange(Clint.Address, Clint.Length, _clint),
            new DeviceRange(Uart16550.Address, Uart16550.Length, new Uart16550(console)),
            .. options.Devices,
        ]);
        _idle = new IdleHarts(_clint, _clock, options.Cpus);
        Cpus = harts.Select(hart => new VCpu(hart, options.JumpCacheBits, _idle)).ToArray();
        foreach (VCpu cpu in Cpus)
        {
            cpu.Pc = image.Entry;
            cpu.X[10] = (ulong)cpu.Index;
            cpu.X[11] = (ulong)options.Cpus;
            Ram.Attach(cpu.Tlb);
        }
    }

    public MachineOptions Options { get; }

    public GuestRam Ram { get; }

    public IReadOnlyList<VCpu> Cpus { get; }

    /// <summary>What answers in guest physical memory outside RAM.</summary>
    public DeviceBus Devices { get; }

    /// <summary>Times the translation cache was flushed.</summary>
    public abstract long FlushCount { get; }

    /// <summary>Blocks translated, temporary ones included.</summary>
    public abstract long TranslatedCount { get; }

    /// <summary>The first fault, or null.</summary>
    public GuestFault? Fault
    {
        get
        {
            lock (_endLock)
            {
                return _fault;
            }
        }
    }

    /// <summary>What the guest ended the machine with; else what hart 0 handed to exit; else null. For when all vCPUs have ended.</summary>
    public long? ExitCode
    {
        get
        {
            lock (_endLock)
            {
                return _exitCode ?? Cpus[0].ExitCode;
            }
        }
    }

    protected bool StopRequested => Volatile.Read(ref _stopRequested) != 0;

    /// <summary>Runs one vCPU on the calling thread until its hart ends or the machine is stopped. At most once for each vCPU.</summary>
    /// <param name="index">Number of the vCPU.</param>
    public abstract void CpuExec(int index);

    /// <summary>Throws all translated code away, at the request of a thread that is no vCPU (a debugger, say).</summary>
    public abstract void TbFlush();

    /// <summary>Throws away the block at <paramref name="pc"/>.</summary>
    /// <returns>False if there is none.</returns>
    public abstract bool TbPhysInvalidate(ulong pc);

    /// <summary>Translates at most <paramref name="maxInstructions"/> from the vCPU's pc for one execution, runs them, and frees the block.</summary>
    /// <param name="origin">The block these instructions were taken from, or null.</param>
    /// <returns>The origin, if it survived the generation of the temporary block; otherwise null.</returns>
    /// <remarks>
    /// After cpu_exec_nocache of QEMU cpu-exec.c at 118b0730. On the vCPU's own thread, while it is not inside <see cref="CpuExec"/>.
    /// </remarks>
    internal abstract TranslationBlock? CpuExecNoCache(VCpu cpu, int maxInstructions, TranslationBlock? origin);

    /// <summary>Runs every vCPU on a thread of its own, named vcpu0 and so on, until all have ended.</summary>
    /// <exception cref="Exception">What the first vCPU to fail threw.</exception>
    public void Run()
    {
        ExceptionDispatchInfo? failure = null;
        Thread[] threads = Cpus.Select(cpu => new Thread(() => Exec(cpu.Index)) { Name = $"vcpu{cpu.Index}", IsBackground = true }).ToArray();
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        failure?.Throw();

        void Exec(int index)
        {
            try
            {
                CpuExec(index);
            }
            catch (Exception e)
            {
                lock (_endLock)
                {
                    failure ??= ExceptionDispatchInfo.Capture(e);
                }
            }
        }
    }

    /// <summary>Makes every vCPU leave its loop soon. Callable from any thread, any number of times.</summary>
    public void RequestStop()
    {
        Volatile.Write(ref _stopRequested, 1);
        foreach (VCpu cpu in Cpus)
        {
            cpu.Kick(); // after the flag: a vCPU clears its request with a full barrier, then reads the flag
        }

        WakeWaiters();
    }

    public void Dispose()
    {
        foreach (VCpu cpu in Cpus)
        {
            cpu.Tlb.Dispose();
        }

        Ram.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A vCPU may sleep until translation slots are free: let it look at the stop request.</summary>
    private protected abstract void WakeWaiters();

    /// <summary>A store may have changed translated code: find and invalidate the blocks made from it. Takes TbLock.</summary>
    private protected abstract void InvalidateRange(ulong address, ulong length);

    private void End(VCpu cpu, long exitCode)
    {
        lock (_endLock)
        {
            _exitCode ??= exitCode;
        }

        cpu.Ended = true;
        RequestStop();
    }
}
