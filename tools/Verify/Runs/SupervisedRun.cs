using System.IO.Pipes;
using System.Runtime.ExceptionServices;
using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Migration;

namespace Verify.Cli.Runs;

/// <summary>A guest that runs on real threads while RAM is plugged in and the machine is migrated under it.</summary>
/// <remarks>The machine the guest runs on changes once, by a migration: everything that is done to it asks which it is, under one lock.</remarks>
internal sealed class SupervisedRun
{
    private const int RefreshMilliseconds = 10;

    private readonly GuestImage _image;
    private readonly InvalidationEntry _strategy;
    private readonly MachineOptions _options;
    private readonly RunPlan _plan;
    private readonly InstructionMilestones _milestones;
    private readonly object _switch = new();   // held from before the vCPUs stop for a migration until the other machine has taken over
    private readonly List<Exception> _failures = []; // under itself: a thread that fails is waited for under _switch
    private Machine _machine = null!;          // under _switch; where the guest is
    private bool _hasEnded;                    // under _switch; nobody shows the guest's display any more

    // The options have room for the RAM of the plan, and dirty memory if it migrates.
    internal SupervisedRun(GuestImage image, InvalidationEntry strategy, MachineOptions options, RunPlan plan)
    {
        _milestones = new InstructionMilestones(plan.Milestones);
        (_image, _strategy, _options, _plan) = (image, strategy, options with { Milestones = _milestones }, plan);
    }

    /// <summary>How the migration went; null if there was none.</summary>
    internal MigrationResult? Migration { get; private set; }

    /// <summary>What the display has shown; null if there was none.</summary>
    internal DisplayRecorder? Display { get; private set; }

    /// <summary>Where RAM of both machines differed when the guest changed over, or the display from memory; null as it should be.</summary>
    internal string? Difference { get; private set; }

    /// <summary>Makes the options of the machine the guest is sent to from those of the first.</summary>
    internal Func<MachineOptions, MachineOptions> DestinationOptions { get; init; } = static options => options;

    /// <summary>Called after each round of a migration, on its thread, while the guest runs; with the machine it is leaving.</summary>
    internal Action<Machine, int>? RoundDone { get; init; }

    /// <summary>Called when the guest has changed over, before it goes on; with the machine it is in now.</summary>
    internal Action<Machine>? HandedOver { get; init; }

    /// <summary>Runs the guest to its end.</summary>
    /// <exception cref="InputException">The guest ended before something of the plan could begin.</exception>
    internal GuestResult Execute(CancellationToken cancellation)
    {
        using Machine source = _strategy.Create<PlainMemory, NoAudit>(_image, _options);
        _machine = source;
        using DisplayRecorder? display = _plan.Framebuffer == null ? null : new DisplayRecorder(_plan.Framebuffer, _plan.DisplaySource);
        Display = display;
        using CancellationTokenRegistration _ = cancellation.Register(() =>
        {
            lock (_switch)
            {
                _machine.RequestStop();
            }
        });
        Thread guest = Start("guest", () => RunMachine(source));
        Thread[] plugs = [.. _plan.Hotplug.Select((plug, i) => Start($"hotplug{i}", () => Plug(plug.Size, plug.At, $"plugged{i}")))];
        Thread? screen = display == null ? null : Start("display", () => Show(display));
        Machine? destination = null;
        try
        {
            if (_plan.MigrateAt is { } at && Await("--migrate-at", at, cancellation))
            {
                for (int i = 0; i < plugs.Length; i++)
                {
                    if (_plan.Hotplug[i].At <= at)
                    {
                        plugs[i].Join(); // what is to come first does
                    }
                }

                destination = _strategy.Create<PlainMemory, NoAudit>(_image with { Segments = [] }, DestinationOptions(_options));
                Migrate(source, destination, cancellation);
                guest.Join();
                RunMachine(destination);
            }

            EndAll();
            ThrowFirstFailure();
            GuestResult result = GuestRun.ResultOf(destination ?? source);
            Difference ??= result.Fault == null && !cancellation.IsCancellationRequested ? display?.Finish(destination ?? source) : null;
            return result;
        }
        catch
        {
            source.RequestStop(); // the guest may still run, or be paused: nobody frees its memory before it has ended
            source.ResumeAllCpus();
            EndAll();
            throw;
        }
        finally
        {
            display?.Dispose(); // gives up its client of the machine's dirty memory
            destination?.Dispose();
        }

        void EndAll()
        {
            guest.Join();
            _milestones.End();
            Array.ForEach(plugs, thread => thread.Join());
            lock (_switch)
            {
                _hasEnded = true;
            }

            screen?.Join();
        }
    }

    // A paused machine that was migrated away stops here without another instruction.
    private void RunMachine(Machine machine)
    {
        try
        {
            machine.Run();
        }
        finally
        {
            lock (_switch)
            {
                if (machine == _machine)
                {
                    _milestones.End(); // nobody goes on with the guest
                }
            }
        }
    }

    private void Migrate(Machine source, Machine destination, CancellationToken cancellation)
    {
        using AnonymousPipeServerStream from = new(PipeDirection.In);
        using AnonymousPipeClientStream to = new(PipeDirection.Out, from.ClientSafePipeHandle);
        Thread target = Start("migration target", () =>
        {
            using (from) // if it gives up, the source must not wait for a reader
            {
                new MigrationTarget(destination, from).Load();
            }
        });
        try
        {
            Send(source, to, target);
            ThrowFirstFailure();
            Difference = RamDifference.Find(source, destination);
            _machine = destination;
            HandedOver?.Invoke(destination);
            if (cancellation.IsCancellationRequested)
            {
                destination.RequestStop(); // the other one was told, before the guest changed over
            }
        }
        finally
        {
            if (Monitor.IsEntered(_switch))
            {
                Monitor.Exit(_switch);
            }
        }

        source.RequestStop();
        source.ResumeAllCpus();
    }

    // Holds _switch on return, and perhaps after an exception.
    private void Send(Machine source, Stream to, Thread target)
    {
        try
        {
            using BufferedStream buffered = new(to, 1 << 16);
            Migration = new LiveMigration<CollectThenCopy>(source, buffered)
            {
                BeforeStop = () => Monitor.Enter(_switch),
                RoundDone = round => RoundDone?.Invoke(source, round),
            }.Run();
        }
        catch (IOException)
        {
            target.Join();
            ThrowFirstFailure(); // why there is no reader any more
            throw;
        }
        finally
        {
            to.Dispose();
            target.Join();
        }
    }

    private void ThrowFirstFailure()
    {
        lock (_failures)
        {
            if (_failures.Count > 0)
            {
                ExceptionDispatchInfo.Throw(_failures[0]);
            }
        }
    }

    private void Show(DisplayRecorder display)
    {
        for (bool goesOn = true; goesOn;)
        {
            lock (_switch)
            {
                goesOn = !_hasEnded;
                if (goesOn)
                {
                    display.Refresh(_machine);
                }
            }

            Thread.Sleep(RefreshMilliseconds);
        }
    }

    private void Plug(long size, long at, string name)
    {
        if (Await("--hotplug", at, CancellationToken.None))
        {
            lock (_switch)
            {
                _machine.AddRam(name, size);
            }
        }
    }

    private bool Await(string option, long at, CancellationToken cancellation) =>
        _milestones.Await(at) || cancellation.IsCancellationRequested
            ? !cancellation.IsCancellationRequested
            : throw new InputException($"the guest ended after {_milestones.Retired:N0} instructions, before {option} {at}: give a smaller number");

    private Thread Start(string name, Action body)
    {
        Thread thread = new(() =>
        {
            try
            {
                body();
            }
            catch (Exception e)
            {
                lock (_failures)
                {
                    _failures.Add(e);
                }
            }
        })
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        return thread;
    }
}
