using Verify.Engine.Backends;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Scenarios.Guests;

/// <summary>Whole guests on real threads, for a caller that loads this assembly a second time, with delays: types of the base library alone.</summary>
public static class GuestStress
{
    /// <summary>Blocks that fit: few, so that flushes are many.</summary>
    private const int TbCapacity = 12;

    /// <summary>What a run that was stopped before the guest's end returns.</summary>
    public const string Stopped = "stopped";

    /// <summary>Runs a guest to its end.</summary>
    /// <param name="elf">The program.</param>
    /// <param name="cpus">vCPUs, each a thread.</param>
    /// <param name="strategy">A name of <see cref="InvalidationCatalog"/>.</param>
    /// <param name="backend">A <see cref="BackendKind"/>.</param>
    /// <param name="begins">Is given what stops the guest early, before it begins. May be called at any time by any thread, until this returns.</param>
    /// <param name="counts">Takes the events, by name, added to what is there; "flushes" and "blocks translated" too.</param>
    /// <returns>All the guest can show: how it ended and what it printed; or <see cref="Stopped"/>.</returns>
    /// <exception cref="Engine.Auditing.AuditViolationException">An invariant of the engine was seen broken.</exception>
    public static string Run(byte[] elf, int cpus, string strategy, int backend, Action<Action> begins, IDictionary<string, long> counts)
    {
        using StringWriter console = new();
        StressEvents events = new();
        MachineOptions options = new()
        {
            Cpus = cpus,
            RamSize = 4 << 20,
            TbCapacity = TbCapacity,
            NativeCodeBytes = 1 << 20,
            Backend = (BackendKind)backend,
            Console = console,
        };
        using Machine machine = InvalidationCatalog.Find(strategy).Create<PlainMemory, StressAudit>(ElfLoader.Read(elf, "guest"), options, new StressAudit(events));
        begins(machine.RequestStop);
        machine.Run();
        foreach (StressEvent what in Enum.GetValues<StressEvent>())
        {
            Add(what.ToString(), events[what]);
        }

        Add("Flushes", machine.FlushCount);
        Add("BlocksTranslated", machine.TranslatedCount);
        return machine.Fault is { } fault ? $"{fault}\n{console}"
            : machine.HasEnded || machine.Cpus.All(cpu => cpu.ExitCode != null) ? $"exit {machine.ExitCode}\n{console}"
            : Stopped;

        void Add(string name, long count) => counts[name] = (counts.TryGetValue(name, out long before) ? before : 0) + count;
    }
}
