namespace Verify.Scenarios;

/// <summary>The hazards of races.md, and why some have no scenario.</summary>
public static class HazardList
{
    private static readonly (string Prefix, int Count)[] s_areas = [("TB", 34), ("DM", 19), ("RC", 7)];

    /// <summary>Every hazard of the catalogue, as TB01.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. s_areas.SelectMany(a => Enumerable.Range(1, a.Count), (a, i) => $"{a.Prefix}{i:00}")];

    /// <summary>Hazards that no scenario shows, with the reason.</summary>
    public static IReadOnlyDictionary<string, string> WithoutScenario { get; } = new Dictionary<string, string>
    {
        ["TB25"] = "a jump's target is one aligned reference: there is nothing to patch in two steps (TbCode.SetTarget)",
        ["TB29"] = "the engine has no code bitmap; QEMU gave it up too",
        ["TB30"] = "devices never move; RAM that comes and goes is the subject of the scenarios on hotplug, under a lock of its own (RamList)",
        ["TB34"] = "the engine has no mmap_lock: user-mode emulation is not its subject",
        ["DM08"] = "the engine has no record and replay, whose mutex the wait would need; a wait for a vCPU gives up the big lock (exclusive-vs-big-lock)",
        ["DM13"] = "pages and bytes are different types: a range of dirty memory is a PageRange, and nothing takes a length in bytes",
        ["RC01"] = "an interlocked operation is a full fence on every .NET platform; dropping the event's one barrier is killed (docs/mutation.md)",
        ["RC07"] = "the phase is 64 bits wide wherever it is kept, and after 2^31 grace periods 32 bits would only wait for too much",
    };

    /// <summary>Hazards that a scenario or a variant names.</summary>
    public static IReadOnlySet<string> WithScenario { get; } = Named();

    private static HashSet<string> Named()
    {
        string[] texts = [.. ScenarioCatalog.All.SelectMany(s => s.Variants.Select(v => v.Reason).Append(s.Source))];
        return [.. All.Where(h => texts.Any(t => t.Contains(h, StringComparison.Ordinal)))];
    }
}
