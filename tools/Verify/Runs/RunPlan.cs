namespace Verify.Cli.Runs;

/// <summary>What is done to a guest while it runs. Numbers of instructions are those all harts together have retired.</summary>
internal sealed record RunPlan
{
    /// <summary>When a live migration into a second machine begins; null for none.</summary>
    public long? MigrateAt { get; init; }

    /// <summary>Blocks of RAM to plug in: bytes, and when.</summary>
    public IReadOnlyList<(long Size, long At)> Hotplug { get; init; } = [];

    /// <summary>The folder pictures of the guest's display go to; null for no display.</summary>
    public string? Framebuffer { get; init; }

    /// <summary>How the display learns what was drawn; one of <see cref="DisplayRecorder.Sources"/>.</summary>
    public string DisplaySource { get; init; } = DisplayRecorder.ByDirtyMemory;

    /// <summary>Nothing is to be done.</summary>
    public bool IsEmpty => MigrateAt == null && Hotplug.Count == 0 && Framebuffer == null;

    /// <summary>When something begins.</summary>
    public IEnumerable<long> Milestones => Hotplug.Select(plug => plug.At).Concat(MigrateAt is { } at ? [at] : []);
}
