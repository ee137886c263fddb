using Verify.Checker.Exploration;
using Verify.Checker.Replay;

namespace Verify.Checker.Campaigns;

/// <summary>The blocks of a campaign that have been run. Not thread-safe.</summary>
public sealed class CampaignState
{
    private readonly SortedDictionary<int, BlockResult>[] _results; // by cell; then by block

    /// <summary>Nothing run yet.</summary>
    public CampaignState(CampaignPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Plan = plan;
        _results = [.. plan.Cells.Select(_ => new SortedDictionary<int, BlockResult>())];
    }

    /// <summary>What is being explored.</summary>
    public CampaignPlan Plan { get; }

    /// <summary>
    /// Whether there is no time left for more. A failure that is expected and was looked for is missing then, even if more schedules are planned; it is
    /// not saved, since a campaign can be resumed with more time.
    /// </summary>
    public bool IsOver { get; set; }

    /// <summary>Blocks that have been run, by cell and block.</summary>
    public IEnumerable<(int Cell, int Block, BlockResult Result)> Results =>
        _results.SelectMany((blocks, cell) => blocks.Select(b => (cell, b.Key, b.Value)));

    /// <summary>Keeps the result of a block. One that is there already is kept instead: both are the same, or the machine is at fault.</summary>
    public void Add(int cell, int block, BlockResult result)
    {
        SortedDictionary<int, BlockResult> blocks = _results[cell];
        if (!blocks.TryAdd(block, result))
        {
            return;
        }

        // Sets of traces are large; where blocks follow each other one is enough. A run ends at a failure, past which nothing counts.
        JoinCoverage(blocks, block - 1, block);
        JoinCoverage(blocks, block, block + 1);
    }

    private void JoinCoverage(SortedDictionary<int, BlockResult> blocks, int earlier, int later)
    {
        if (!blocks.TryGetValue(earlier, out BlockResult? first) || first.Coverage.Count == 0 || first.Failure is not null || !blocks.ContainsKey(later)
            || !Plan.AreOneSearch(earlier, later))
        {
            return;
        }

        int end = later;
        while (blocks[end].Coverage.Count == 0 && Plan.AreOneSearch(end, end + 1) && blocks.ContainsKey(end + 1))
        {
            end++;
        }

        blocks[end] = blocks[end] with { Coverage = StrategyCoverage.Join([.. first.Coverage, .. blocks[end].Coverage]) };
        blocks[earlier] = first with { Coverage = [] };
    }

    /// <summary>Puts a smaller schedule with the same failure in the place of the one the cell's first failing block found.</summary>
    public void Replace(int cell, Schedule smaller)
    {
        ArgumentNullException.ThrowIfNull(smaller);
        int failing = FirstFailing(cell);
        _results[cell][failing] = _results[cell][failing] with { Schedule = smaller, Failure = smaller.Failure };
    }

    /// <summary>Whether the block has been run.</summary>
    public bool Has(int cell, int block) => _results[cell].ContainsKey(block);

    /// <summary>Lowest block of the cell that failed; the number of blocks when none did.</summary>
    public int FirstFailing(int cell)
    {
        foreach ((int block, BlockResult result) in _results[cell])
        {
            if (result.Failure is not null)
            {
                return block;
            }
        }

        return Plan.BlocksPerCell;
    }

    /// <summary>What is known of the cell.</summary>
    public CellStatus Status(int cell)
    {
        int failing = FirstFailing(cell);
        var counted = _results[cell].Where(b => b.Key <= failing).ToArray();
        BlockResult? found = failing < Plan.BlocksPerCell ? _results[cell][failing] : null;
        long schedules = counted.Sum(b => b.Value.Schedules);
        bool racy = Plan.Cells[cell].Expected == "racy";
        return new CellStatus(
            Plan.Cells[cell],
            Schedules: schedules,
            Decisions: counted.Sum(b => b.Value.Decisions),
            Unfinished: counted.Sum(b => b.Value.Unfinished),
            Seconds: counted.Sum(b => b.Value.Seconds),
            Complete: counted.Length == Math.Min(failing + 1, Plan.BlocksPerCell) || (IsOver && racy && schedules > 0),
            Exhausted: found is null && counted.Length > 0 && counted.All(b => b.Value.Exhausted),
            FoundBy: found is null ? null : Plan.OptionsOf(failing).Strategy,
            Found: found,
            Enough: !racy && Plan.Enough > 0 && schedules >= Plan.Enough)
        {
            Coverage = StrategyCoverage.Join(counted.SelectMany(b => b.Value.Coverage)),
            Certificates = [.. Searches().Select(s => Certificate.Of(Plan, cell, s, b => _results[cell].GetValueOrDefault(b))).OfType<Certificate>()],
            Searches = [.. Searches().Select(s => ProgressOf(cell, s)).OfType<SearchStatus>()],
        };
    }

    private IEnumerable<string> Searches() =>
        Plan.Strategies.Distinct().Where(s => StrategyCatalog.Find(s) is { Splits: not StrategyCatalog.Splitting.BySeed });

    // At the greatest bound of which every part has been begun.
    private SearchStatus? ProgressOf(int cell, string strategy)
    {
        SearchProgress[] furthest = Plan.BlocksWith(strategy)
            .GroupBy(b => Plan.OptionsOf(b).Preemptions)
            .OrderByDescending(g => g.Key)
            .Select(g => g.Select(b => _results[cell].GetValueOrDefault(b)?.Search).ToArray())
            .FirstOrDefault(g => g.All(s => s is not null))!;
        return furthest is null ? null : new SearchStatus(strategy, furthest.Sum(s => s.Executions), furthest.Average(s => s.Explored), furthest[0].Bound);
    }

    /// <summary>What is known of every cell, in the order of the plan.</summary>
    public CellStatus[] Statuses() => [.. Enumerable.Range(0, Plan.Cells.Count).Select(Status)];

    /// <summary>Adds the results of another part of the same campaign.</summary>
    /// <exception cref="CampaignFormatException">It is a part of another campaign.</exception>
    public void Merge(CampaignState other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Plan.DifferenceTo(Plan) is { } difference)
        {
            throw new CampaignFormatException($"it belongs to another campaign: {difference}; run all shards from one build with the same options");
        }

        foreach ((int cell, int block, BlockResult result) in other.Results)
        {
            Add(cell, block, result);
        }
    }
}

/// <summary>What is known of one cell: the same whatever the number of workers once it is complete.</summary>
/// <param name="Cell">Its name and expectation.</param>
/// <param name="Schedules">Executions up to and including the first failure.</param>
/// <param name="Decisions">Their scheduling decisions.</param>
/// <param name="Unfinished">Those given up at the step bound.</param>
/// <param name="Seconds">Their time, summed over workers.</param>
/// <param name="Complete">All blocks were run, or all before the first failing one.</param>
/// <param name="Exhausted">No schedule within reach is left.</param>
/// <param name="FoundBy">The strategy that found the failure, or null.</param>
/// <param name="Found">The first failing block, or null.</param>
/// <param name="Enough">As many schedules were tried as <see cref="CampaignPlan.Enough"/> asks for.</param>
public sealed record CellStatus(
    CampaignCell Cell, long Schedules, long Decisions, long Unfinished, double Seconds, bool Complete, bool Exhausted, string? FoundBy, BlockResult? Found,
    bool Enough = false)
{
    /// <summary>What each strategy went through, of a portfolio each member.</summary>
    public IReadOnlyList<StrategyCoverage> Coverage { get; init; } = [];

    /// <summary>What the searches showed that have ended without a failure.</summary>
    public IReadOnlyList<Certificate> Certificates { get; init; } = [];

    /// <summary>How far each search came.</summary>
    public IReadOnlyList<SearchStatus> Searches { get; init; } = [];

    /// <summary>"racy", "clean", or "open" while too few schedules were tried to say either.</summary>
    public string Verdict => Found is not null ? "racy" : Complete || Enough ? "clean" : "open";

    /// <summary>Whether what was expected has come; a failure is not, unless the cell says so.</summary>
    public bool AsExpected => Cell.Expected switch
    {
        CampaignCell.Either => true,
        "racy" => Found is not null && Cell.Outcome.Split('|').Any(o => Found.Failure!.Message.Contains(o, StringComparison.Ordinal)),
        _ => Found is null,
    };
}

/// <summary>How far a search of a cell came.</summary>
/// <param name="Strategy">Its name.</param>
/// <param name="Executions">Different executions run to their end.</param>
/// <param name="Explored">Estimate of the part of all of them that this is, 0 to 1.</param>
/// <param name="Bound">Preemption bound it is at, or null.</param>
public sealed record SearchStatus(string Strategy, long Executions, double Explored, int? Bound)
{
    /// <summary>Estimate of all executions; null before there is anything to go by.</summary>
    public double? Estimate => Explored > 0 ? Executions / Explored : null;
}
