using Verify.Engine.Auditing;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Engine.Execution;

/// <summary>What became of a guest.</summary>
/// <param name="ExitCode">What it ended with, or null if it faulted or was cancelled first.</param>
/// <param name="Instructions">Retired by all harts.</param>
/// <param name="Flushes">Times the translation cache was flushed.</param>
/// <param name="TbsTranslated">Blocks translated.</param>
/// <param name="Lookups">Turns of the main loops: times a chain ended.</param>
/// <param name="Fault">Why the guest was stopped, or null.</param>
/// <param name="BackendNotice">See <see cref="Machine.BackendNotice"/>.</param>
public sealed record GuestResult(long? ExitCode, long Instructions, long Flushes, long TbsTranslated, long Lookups, GuestFault? Fault,
    string? BackendNotice);

/// <summary>Runs a guest program from start to end on real threads, one per vCPU.</summary>
public static class GuestRun
{
    /// <inheritdoc cref="Execute(GuestImage, int, string, MachineOptions, TextWriter, CancellationToken)"/>
    public static GuestResult Execute(
        string path, int cpus, string strategy, MachineOptions options, TextWriter console, CancellationToken cancellation = default)
    {
        InvalidationEntry entry = InvalidationCatalog.Find(strategy);
        return Execute(ElfLoader.ReadFile(path), cpus, entry, options, console, cancellation);
    }

    /// <param name="cpus">1 to 64; takes the place of the number in <paramref name="options"/>.</param>
    /// <param name="strategy">A name from <see cref="InvalidationCatalog"/>.</param>
    /// <param name="console">Where the guest's output goes.</param>
    /// <param name="cancellation">Stops all vCPUs promptly; what they did until then is still reported.</param>
    /// <exception cref="UnknownStrategyException">No strategy has this name.</exception>
    /// <exception cref="ElfException">The program cannot be read or does not fit.</exception>
    public static GuestResult Execute(
        GuestImage image, int cpus, string strategy, MachineOptions options, TextWriter console, CancellationToken cancellation = default) =>
        Execute(image, cpus, InvalidationCatalog.Find(strategy), options, console, cancellation);

    /// <inheritdoc cref="Execute(GuestImage, int, string, MachineOptions, TextWriter, CancellationToken)"/>
    /// <param name="ended">Sees the machine when all vCPUs have ended, before it is disposed of; or null.</param>
    public static GuestResult Execute(
        GuestImage image, int cpus, InvalidationEntry strategy, MachineOptions options, TextWriter console, CancellationToken cancellation = default,
        Action<Machine>? ended = null)
    {
        using Machine machine = strategy.Create<PlainMemory, NoAudit>(image, options with { Cpus = cpus, Console = console });
        using (cancellation.Register(machine.RequestStop))
        {
            machine.Run();
        }

        ended?.Invoke(machine);
        return new GuestResult(
            machine.Fault == null ? machine.ExitCode : null,
            machine.Cpus.Sum(cpu => cpu.Instructions),
            machine.FlushCount,
            machine.TranslatedCount,
            machine.Cpus.Sum(cpu => cpu.Lookups),
            machine.Fault,
            machine.BackendNotice);
    }
}
