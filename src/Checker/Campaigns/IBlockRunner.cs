using System.Diagnostics;
using Verify.Checker.Exploration;

namespace Verify.Checker.Campaigns;

/// <summary>Runs blocks, one at a time: in this process or in another one.</summary>
public interface IBlockRunner : IDisposable
{
    /// <summary>Explores a cell.</summary>
    /// <param name="cell">What to run: <see cref="CampaignCell.Subject"/>.</param>
    /// <param name="options">From <see cref="CampaignPlan.OptionsOf(int, int)"/>.</param>
    /// <param name="progress">Told now and then how far a search is, on any thread.</param>
    /// <param name="cancellation">Ends the block early.</param>
    /// <returns>Null when it was ended early without a failure.</returns>
    BlockResult? Run(string cell, ExplorationOptions options, Action<SearchProgress>? progress, CancellationToken cancellation);
}

/// <summary>Runs blocks in this process.</summary>
/// <param name="body">The test body of a cell, rewritten as the options need it.</param>
public sealed class LocalBlockRunner(Func<string, ExplorationOptions, Action> body) : IBlockRunner
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(0.5);

    /// <param name="body">The test body of a cell, whatever the options.</param>
    public LocalBlockRunner(Func<string, Action> body)
        : this((cell, _) => body(cell))
    {
    }

    /// <inheritdoc/>
    public BlockResult? Run(string cell, ExplorationOptions options, Action<SearchProgress>? progress, CancellationToken cancellation)
    {
        var told = Stopwatch.StartNew();
        ExplorationResult result = Explorer.Explore(
            body(cell, options),
            options,
            at =>
            {
                if (at.Search is { } search && progress is not null && told.Elapsed > s_every)
                {
                    progress(search());
                    told.Restart();
                }
            },
            cancellation);
        return result.Interrupted && result.Failure is null ? null : BlockResult.Of(result);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
