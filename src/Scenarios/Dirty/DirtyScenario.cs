using Verify.Engine.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Makes the design a variant is about.</summary>
public delegate IDirtyMemoryDesign MakeDesign(DirtyMemoryOptions options);

/// <summary>The cases of a scenario, and how to run it with any design.</summary>
/// <param name="Cases">Those of the catalogue, and then the others.</param>
/// <param name="Run">One execution; null if the scenario takes no design.</param>
/// <param name="Applies">Which designs it says anything about, by name.</param>
public sealed record DesignCases(ScenarioCase[] Cases, Action<DirtyMemoryEntry>? Run, Func<string, bool> Applies);

/// <summary>A scenario over dirty memory: every sound design of the catalogue is a variant, and so is each mutant given.</summary>
public abstract class DirtyScenario(DesignCases designs) : CaseScenario(designs.Cases), IDirtyScenario
{
    /// <summary>A scenario about steps that no design takes.</summary>
    protected DirtyScenario(params ScenarioCase[] cases)
        : this(new DesignCases(cases, null, _ => false))
    {
    }

    /// <inheritdoc/>
    public bool AppliesTo(DirtyMemoryEntry design) => designs.Run != null && designs.Applies(design.Name);

    /// <inheritdoc/>
    public void Run(DirtyMemoryEntry design) => designs.Run!(design);

    /// <summary>A case for every sound design of the catalogue that <paramref name="applies"/>, and then the others.</summary>
    protected static DesignCases DesignsAnd(Action<MakeDesign> run, ScenarioCase[] others, Func<string, bool>? applies = null) =>
        EntriesAnd(entry => run(o => entry.Create(o)), others, applies);

    /// <inheritdoc cref="DesignsAnd"/>
    protected static DesignCases EntriesAnd(Action<DirtyMemoryEntry> run, ScenarioCase[] others, Func<string, bool>? applies = null)
    {
        Func<string, bool> all = applies ?? (_ => true);
        return new DesignCases(
            [.. DirtyMemoryCatalog.All.Where(e => e.IsSound && all(e.Name)).Select(e => ScenarioCase.Sound(e.Name, e.Why, () => run(e))), .. others], run, all);
    }

    /// <summary>One word of bitmap, one block, for display and migration.</summary>
    protected static DirtyMemoryOptions OneWord { get; } = new() { Pages = 64, MaxPages = 64, BlockPages = 64, Clients = DirtyClients.NoCode };

    /// <summary>An actor with a view of its own, which it detaches however it ends.</summary>
    protected static (string Name, Action Body) Actor(string name, IDirtyMemoryDesign design, Action<IDirtyMemory> body) =>
        (name, () => Use(design, body));

    /// <summary>Lets the calling thread use a view.</summary>
    protected static void Use(IDirtyMemoryDesign design, Action<IDirtyMemory> body)
    {
        IDirtyMemory memory = design.Attach();
        try
        {
            body(memory);
        }
        finally
        {
            memory.Detach();
        }
    }

    protected static PageRange Page(long page) => new(page, 1);
}
