namespace Verify.Cli.Runs;

/// <summary>What is done to a guest while it runs. Numbers of instructions are those all harts together have retired.</summary>
internal sealed record RunPlan
{
    /// <summary>When a live migration into a second machine begins; null for none.</summary>
    public long? MigrateAt { get; init; }

    /// <summary>Blocks of RAM to plug in: bytes, and when.</summary>
    public IReadOnlyList<(long Size, long At)> Hotplug { get; init; } = [];

    /// <summary>Nothing is to be done.</summary>
    public bool IsEmpty => MigrateAt == null && Hotplug.Count == 0;

    /// <summary>When something begins.</summary>
    public IEnumerable<long> Milestones => Hotplug.Select(plug => plug.At).Concat(MigrateAt is { } at ? [at] : []);
}
