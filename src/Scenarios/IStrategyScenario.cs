using Verify.Engine.Invalidation;

namespace Verify.Scenarios;

/// <summary>A scenario into which any invalidation strategy can be put: one of the catalogue, a combination of its axes, or one of a user's own.</summary>
public interface IStrategyScenario
{
    /// <summary>Whether the scenario says anything about a strategy with such a flush discipline.</summary>
    bool AppliesTo(InvalidationEntry design);

    /// <summary>What exploring it must show, going by what the entry says of itself.</summary>
    ScenarioVariant VariantOf(InvalidationEntry design);

    /// <summary>One execution.</summary>
    void Run(InvalidationEntry design);
}
