using Verify.Checker.Exploration;

namespace Verify.Checker.Campaigns;

/// <summary>Runs the blocks of a plan on as many runners as there are.</summary>
public sealed class Campaign
{
    private readonly CampaignState _state; // under _lock
    private readonly Shard _shard;
    private readonly object _lock = new();
    private readonly List<Running> _running = []; // under _lock
    private readonly Action<CampaignState> _changed;
    private readonly Action<CampaignCell, SearchProgress>? _searching;
    private readonly CancellationToken _cancellation;
    private readonly int[][] _phases; // cells; the first phase to its end, then the second
    private int _phase; // under _lock; where to look for the next block
    private int _turn;  // under _lock; in the phase
    private int _block; // under _lock

    private Campaign(
        CampaignState state, Shard shard, Action<CampaignState> changed, Action<CampaignCell, SearchProgress>? searching, CancellationToken cancellation)
    {
        _searching = searching;
        _state = state;
        _shard = shard;
        _changed = changed;
        _cancellation = cancellation;
        int[] cells = [.. Enumerable.Range(0, state.Plan.Cells.Count)];
        _phases = [[.. cells.Where(c => IsExpectedToFail(state, c))], [.. cells.Where(c => !IsExpectedToFail(state, c))]];
    }

    private static bool IsExpectedToFail(CampaignState state, int cell) => state.Plan.Cells[cell].Expected == "racy";

    private sealed record Running(int Cell, int Block, CancellationTokenSource Cancellation);

    /// <summary>
    /// Runs what is missing of the shard's blocks. Cells that are expected to fail come first, since each ends with its failure; then block 0 of every
    /// other cell, then block 1, so that an early end leaves none untried.
    /// </summary>
    /// <param name="state">What has been run; results are added to it.</param>
    /// <param name="shard">Which blocks to run.</param>
    /// <param name="runners">At least one; each is used by one thread and disposed at the end.</param>
    /// <param name="changed">Told after each block, under a lock: it may read the state and must return soon.</param>
    /// <param name="cancellation">Ends the campaign early; blocks that were being run are forgotten.</param>
    /// <param name="searching">Told now and then how far a search in a block is, under the same lock.</param>
    public static void Run(
        CampaignState state,
        Shard shard,
        IReadOnlyList<Func<IBlockRunner>> runners,
        Action<CampaignState> changed,
        CancellationToken cancellation,
        Action<CampaignCell, SearchProgress>? searching = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(runners);
        var campaign = new Campaign(state, shard, changed, searching, cancellation);
        Lanes.Run(
            [.. runners.Select(make => (Action)(() =>
            {
                using IBlockRunner runner = make();
                campaign.Lane(runner);
            }))],
            campaign.CancelAll);
    }

    private void Lane(IBlockRunner runner)
    {
        while (Take() is { } task)
        {
            CampaignCell cell = _state.Plan.Cells[task.Cell];
            BlockResult? result = runner.Run(
                cell.Subject, _state.Plan.OptionsOf(task.Cell, task.Block), _searching is null ? null : at => Searching(cell, at), task.Cancellation.Token);
            if (result?.Schedule is { } schedule)
            {
                result = result with { Schedule = schedule with { Test = cell.Test, Variant = cell.Variant, Modules = _state.Plan.Modules } };
            }

            lock (_lock)
            {
                _running.Remove(task);
                task.Cancellation.Dispose();
                if (result is null)
                {
                    continue;
                }

                _state.Add(task.Cell, task.Block, result);
                if (result.Failure is not null)
                {
                    foreach (Running other in _running.Where(r => r.Cell == task.Cell && r.Block > task.Block))
                    {
                        other.Cancellation.Cancel();
                    }
                }

                _changed(_state);
            }
        }
    }

    private void Searching(CampaignCell cell, SearchProgress progress)
    {
        lock (_lock)
        {
            _searching!(cell, progress);
        }
    }

    private Running? Take()
    {
        lock (_lock)
        {
            for (; _phase < _phases.Length; _phase++, _block = 0)
            {
                for (; !_cancellation.IsCancellationRequested && _block < _state.Plan.BlocksPerCell; _block++, _turn = 0)
                {
                    while (_turn < _phases[_phase].Length)
                    {
                        int cell = _phases[_phase][_turn++];
                        if (_shard.Has(cell, _block) && !_state.Has(cell, _block) && _block < _state.FirstFailing(cell))
                        {
                            var task = new Running(cell, _block, CancellationTokenSource.CreateLinkedTokenSource(_cancellation));
                            _running.Add(task);
                            return task;
                        }
                    }
                }
            }

            return null;
        }
    }

    private void CancelAll()
    {
        lock (_lock)
        {
            _phase = int.MaxValue - 1;
            foreach (Running running in _running)
            {
                running.Cancellation.Cancel();
            }
        }
    }
}
