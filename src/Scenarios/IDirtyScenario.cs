using Verify.Engine.Dirty;

namespace Verify.Scenarios;

/// <summary>A scenario into which a dirty-memory design can be put that is in no catalogue.</summary>
public interface IDirtyScenario
{
    /// <summary>Whether the scenario says anything about the design.</summary>
    bool AppliesTo(DirtyMemoryEntry design);

    /// <summary>One execution.</summary>
    void Run(DirtyMemoryEntry design);
}
