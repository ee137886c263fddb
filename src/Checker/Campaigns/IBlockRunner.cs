using Verify.Checker.Exploration;

namespace Verify.Checker.Campaigns;

/// <summary>Runs blocks, one at a time: in this process or in another one.</summary>
public interface IBlockRunner : IDisposable
{
    /// <summary>Explores a cell.</summary>
    /// <param name="cell">Its name.</param>
    /// <param name="options">From <see cref="CampaignPlan.OptionsOf"/>.</param>
    /// <param name="cancellation">Ends the block early.</param>
    /// <returns>Null when it was ended early without a failure.</returns>
    BlockResult? Run(string cell, ExplorationOptions options, CancellationToken cancellation);
}

/// <summary>Runs blocks in this process.</summary>
/// <param name="body">The test body of a cell.</param>
public sealed class LocalBlockRunner(Func<string, Action> body) : IBlockRunner
{
    /// <inheritdoc/>
    public BlockResult? Run(string cell, ExplorationOptions options, CancellationToken cancellation)
    {
        ExplorationResult result = Explorer.Explore(body(cell), options, cancellation: cancellation);
        return result.Interrupted && result.Failure is null ? null : BlockResult.Of(result);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
