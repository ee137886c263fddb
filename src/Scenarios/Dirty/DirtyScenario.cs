using Verify.Engine.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Makes the design a variant is about.</summary>
public delegate IDirtyMemoryDesign MakeDesign(DirtyMemoryOptions options);

/// <summary>A scenario over dirty memory: every sound design of the catalogue is a variant, and so is each mutant given.</summary>
public abstract class DirtyScenario(params ScenarioCase[] cases) : CaseScenario(cases)
{
    /// <summary>A case for every sound design of the catalogue that <paramref name="applies"/>, and then the others.</summary>
    protected static ScenarioCase[] DesignsAnd(Action<MakeDesign> run, ScenarioCase[] others, Func<string, bool>? applies = null) =>
    [
        .. DirtyMemoryCatalog.All.Where(e => e.IsSound && applies?.Invoke(e.Name) != false)
            .Select(e => ScenarioCase.Sound(e.Name, e.Why, () => run(o => e.Create(o)))),
        .. others,
    ];

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
