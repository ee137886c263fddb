using System.Runtime.ExceptionServices;
using Verify.Engine.Backends;
using Verify.Engine.Backends.X64;
using Verify.Engine.Dirty;
using Verify.Engine.Display;
using Verify.Engine.Guest;
using Verify.Engine.Kvm;
using Verify.Engine.Threads;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>
/// A guest machine: RAM, harts, devices and the translation cache they share. See <see cref="Machine{TInvalidation,TMemory,TAudit,TProtocol}"/>.
/// </summary>
public abstract partial class Machine : IDisposable
{
    private readonly object _endLock = new();
    private readonly Htif _htif;
    private readonly VirtualClock _clock;
    private readonly Clint _clint;
    private readonly IdleHarts _idle;
    private readonly Hart[] _harts; // by index; those of vCPUs that are not plugged in too
    private GuestFault? _fault;     // under _endLock; the first one
    private long? _exitCode;        // under _endLock; the first one
    private int _stopRequested;     // volatile; never cleared
    private readonly VCpu _first;   // hart 0 of the start
    private readonly bool _invalidatesBeforeStore;

    /// <exception cref="ElfException">The image does not fit.</exception>
    private protected Machine(GuestImage image, MachineOptions options, TbStorage storage, bool invalidatesBeforeStore)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Cpus, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Cpus, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxCpus, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxTbInstructions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxTbInstructions, Translator.MaxInstructions);
        Options = options;
        _invalidatesBeforeStore = invalidatesBeforeStore;
        Ram = new GuestRam(
            options.RamStart, options.RamSize, options.MaxRamSize,
            options.DirtyMemoryDesign ?? (options.DirtyMemory is null or MachineOptions.NoDirtyMemory ? null : DirtyMemoryCatalog.Find(options.DirtyMemory)),
            options.DirtyBlockPages, options.DirtyDenseWords);
        image.CopyTo(Ram);
        if (image.ToHost is { } toHost)
        {
            Ram.MarkDevice((toHost - Ram.Start) >> GuestRam.PageBits);
        }

        GuestConsole console = new(options.Console);
        _htif = new Htif(Ram, image, console);
        Tb = new TbContext(Ram, options, storage);
        Backend = NewBackend(out string? notice);
        BackendNotice = notice;
        _slots = new VCpu?[Math.Max(options.Cpus, options.MaxCpus)];
        _clock = new VirtualClock(options.TickSource);
        _harts = Enumerable.Range(0, _slots.Length).Select(i => new Hart(i, _clock)).ToArray();
        _clint = new Clint(_harts, _clock, TimerOrSoftwareInterrupt);
        _idle = new IdleHarts(_clint, _clock);
        Framebuffer = options.HasFramebuffer ? new FramebufferDevice() : null;
        Devices = new DeviceBus(
        [
            new DeviceRange(Clint.Address, Clint.Length, _clint),
            new DeviceRange(Uart16550.Address, Uart16550.Length, new Uart16550(console)),
            .. Ram.Others is { } others
                ? (DeviceRange[])[new DeviceRange(RamHotplugDevice.Address, RamHotplugDevice.Length, new RamHotplugDevice(others))] : [],
            .. Framebuffer == null
                ? (DeviceRange[])[] : [new DeviceRange(FramebufferDevice.Address, FramebufferDevice.Length, Framebuffer)],
            .. options.Devices,
        ]);
        if (options.KernelLog is { } mode)
        {
            Ram.Dirty!.Kernel = new KvmStoreLog(Ram, mode, _slots.Length, options.KernelRingEntries);
        }

        for (int i = 0; i < options.Cpus; i++)
        {
            VCpu cpu = NewCpu(image.Entry);
            cpu.X[11] = (ulong)options.Cpus;
            cpu.Realize();
            Tb.Cpus.Add(cpu);
        }

        _first = _slots[0]!;
    }

    public MachineOptions Options { get; }

    public GuestRam Ram { get; }

    /// <summary>The vCPUs that are plugged in now.</summary>
    public IReadOnlyList<VCpu> Cpus => Tb.Cpus.Snapshot;

    /// <summary>What the vCPUs share about translated code.</summary>
    public TbContext Tb { get; }

    /// <summary>What answers in guest physical memory outside RAM.</summary>
    public DeviceBus Devices { get; }

    /// <summary>One line saying why the interpreter runs though another back end was asked for; otherwise null.</summary>
    public string? BackendNotice { get; }

    /// <summary>What generates and runs code; null if blocks are interpreted.</summary>
    private protected IBackend? Backend { get; }

    /// <summary>Where the guest says where its picture is; null for a machine without a display.</summary>
    public FramebufferDevice? Framebuffer { get; }

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
                return _exitCode ?? _first.ExitCode;
            }
        }
    }

    /// <summary>The guest has ended the machine, or faulted; its vCPUs leave soon.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_endLock)
            {
                return _exitCode != null || _fault != null;
            }
        }
    }

    protected bool StopRequested => Volatile.Read(ref _stopRequested) != 0;

    /// <summary>Runs every vCPU on a thread of its own, named vcpu0 and so on, until all have ended.</summary>
    /// <exception cref="Exception">What the first vCPU to fail threw.</exception>
    public void Run()
    {
        ExceptionDispatchInfo? failure = null;
        Thread[] threads = Cpus.Select(cpu => NamedThread.Create($"vcpu{cpu.Index}", () => Exec(cpu.Index))).ToArray();
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
        Backend?.Dispose();
        Ram.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A vCPU may sleep until translation slots are free: let it look at the stop request.</summary>
    private protected abstract void WakeWaiters();

    /// <summary>A store may have changed translated code: find and invalidate the blocks made from it.</summary>
    /// <param name="running">The code the storing vCPU runs, or null.</param>
    /// <returns>True if the storing vCPU must leave that code now: its block was among them (TB28).</returns>
    private protected abstract bool InvalidateRange(ulong address, ulong length, TbCode? running);

    private X64Backend? NewBackend(out string? notice)
    {
        notice = null;
        if (Options.Backend == BackendKind.Interpreter)
        {
            return null;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Options.NativeCodeBytes, 256 << 10, nameof(MachineOptions.NativeCodeBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Options.NativeCodeBytes, 1 << 30, nameof(MachineOptions.NativeCodeBytes));
        X64Backend? made = X64Backend.TryCreate(
            Options.Backend, Ram, Tb.Arena, Options.JumpCacheBits, Options.NativeCodeBytes, Options.UseBmi2, out string refusal);
        notice = made == null ? $"no machine code, the interpreter takes over: {refusal}" : null;
        return made;
    }

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
