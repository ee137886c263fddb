using System.Text.Json.Serialization;
using Verify.Checker.Exploration;
using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;

namespace Verify.Checker.Campaigns;

/// <summary>One thing to explore.</summary>
/// <param name="Test">As in <see cref="Replay.Schedule.Test"/>.</param>
/// <param name="Variant">As in <see cref="Replay.Schedule.Variant"/>; may be empty.</param>
/// <param name="Expected">"clean", "racy", <see cref="Either"/>, or empty when nothing is known beforehand, and a failure is a finding.</param>
/// <param name="Outcome">What the message of an expected failure must contain, one of the parts between bars; may be empty.</param>
/// <param name="Model">Name of the memory model to explore it under; empty for the plan's own.</param>
public sealed record CampaignCell(string Test, string Variant = "", string Expected = "", string Outcome = "", string Model = "")
{
    /// <summary>Expected of a design that is known to be flawed, in a scenario that need not show it.</summary>
    public const string Either = "either";

    /// <summary>What is run, such as <c>flush-vs-last-tb/global-flag</c> or a test method's full name.</summary>
    [JsonIgnore]
    public string Subject => Variant.Length == 0 ? Test : Test + "/" + Variant;

    /// <summary>Unique in its plan: what is run, and under which model if that is not the plan's, as <c>rcu-basic/symmetric@tso</c>.</summary>
    [JsonIgnore]
    public string Name => Model.Length == 0 ? Subject : Subject + "@" + Model;
}

/// <summary>What a campaign explores: every cell with every strategy, cut into blocks that do not depend on each other.</summary>
/// <remarks>
/// A block has a seed and a strategy of its own and is the unit of work: which process runs it, and when, cannot change what it finds.
/// Of several failing blocks of a cell the one with the lowest number is the finding, so neither can the number of workers.
/// </remarks>
public sealed record CampaignPlan
{
    /// <summary>Schedules of a block unless a plan says otherwise.</summary>
    public const int DefaultBlockSize = 1000;
    private const int MostParts = 16;

    /// <summary>What to explore; at least one.</summary>
    public required IReadOnlyList<CampaignCell> Cells { get; init; }

    /// <summary>Names in <see cref="StrategyCatalog"/>, spent one after the other.</summary>
    public IReadOnlyList<string> Strategies { get; init; } = ["portfolio"];

    /// <summary>Limits; <see cref="ExplorationOptions.Schedules"/> is per strategy, and strategy and budget are taken from the plan.</summary>
    public ExplorationOptions Options { get; init; } = new();

    /// <summary>Schedules of a block; at least 1. Strategies that learn do so within a block.</summary>
    public int BlockSize { get; init; } = DefaultBlockSize;

    /// <summary>Module versions before rewriting, by assembly name.</summary>
    public IReadOnlyDictionary<string, string> Modules { get; init; } = new Dictionary<string, string>();

    /// <summary>Blocks of each cell, numbered from 0.</summary>
    public int BlocksPerCell => Strategies.Sum(BlocksOf);

    /// <summary>
    /// Schedules without a failure after which a cell that is expected to have none counts as clean, although more are planned; 0 if all must be
    /// tried. A budget ends such a campaign early without leaving it open.
    /// </summary>
    public long Enough { get; init; }

    /// <summary>What block number <paramref name="block"/> of a cell explores.</summary>
    public ExplorationOptions OptionsOf(int cell, int block)
    {
        ExplorationOptions options = OptionsOf(block);
        return Cells[cell].Model is { Length: > 0 } model
            ? options with { Memory = MemoryOf(options.Strategy, Options.Memory with { Machine = Options.Memory.Machine with { Model = MemoryModel.Parse(model) } }) }
            : options;
    }

    /// <summary>Numbers of the blocks that a strategy explores.</summary>
    internal IEnumerable<int> BlocksWith(string strategy)
    {
        int first = Strategies.TakeWhile(s => s != strategy).Sum(BlocksOf);
        return Enumerable.Range(first, BlocksOf(strategy));
    }

    /// <summary>Whether two blocks are of one strategy, and of one bound where there are several.</summary>
    internal bool AreOneSearch(int block, int other)
    {
        if (block < 0 || other >= BlocksPerCell)
        {
            return false;
        }

        ExplorationOptions options = OptionsOf(block), others = OptionsOf(other);
        return options.Strategy == others.Strategy && options.Preemptions == others.Preemptions;
    }

    /// <summary>What block number <paramref name="block"/> of a cell without a model of its own explores.</summary>
    public ExplorationOptions OptionsOf(int block)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(block);
        int first = 0;
        foreach (string strategy in Strategies)
        {
            int blocks = BlocksOf(strategy);
            if (block < first + blocks)
            {
                int index = block - first;
                ExplorationOptions options = Options with { Strategy = strategy, Budget = null, CountTraces = true, Memory = MemoryOf(strategy, Options.Memory) };
                if (SplittingOf(strategy) == StrategyCatalog.Splitting.ByPart)
                {
                    // Bound by bound, so that of several failures the one with the fewest preemptions counts.
                    int bound = index / Parts;
                    return options with
                    {
                        FirstPreemptions = bound,
                        Preemptions = bound,
                        Part = index % Parts,
                        Parts = Parts,
                        Schedules = (Options.Schedules + Parts - 1) / Parts,
                    };
                }

                return options with
                {
                    // Block 0 is what an exploration with the plan's own seed begins with.
                    Seed = index == 0 ? Options.Seed : new Rng(Options.Seed, (ulong)index).NextUInt64(),
                    Schedules = blocks == 1 ? Options.Schedules : Math.Min(BlockSize, Options.Schedules - ((long)index * BlockSize)),
                };
            }

            first += blocks;
        }

        throw new ArgumentOutOfRangeException(nameof(block), block, $"the plan has {first} blocks a cell");
    }

    /// <summary>The first difference to another plan that makes their results incomparable, in words; null if there is none.</summary>
    public string? DifferenceTo(CampaignPlan other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return !Cells.SequenceEqual(other.Cells) ? $"it has other tests ({Cells.Count} against {other.Cells.Count})"
            : !Strategies.SequenceEqual(other.Strategies) ? $"it explores with {string.Join(", ", Strategies)}, not {string.Join(", ", other.Strategies)}"
            : Options != other.Options ? $"its options are {Options}, not {other.Options}"
            : BlockSize != other.BlockSize ? $"its blocks have {BlockSize} schedules, not {other.BlockSize}"
            : ChangedModule(other) is { } module ? $"{module} is another build"
            : null;
    }

    private string? ChangedModule(CampaignPlan other) =>
        Modules.Keys.Union(other.Modules.Keys).Order(StringComparer.Ordinal)
            .FirstOrDefault(m => Modules.GetValueOrDefault(m) != other.Modules.GetValueOrDefault(m));

    // Parts of a tree cost an execution each and a little balance, so there are no more than make blocks of the usual size.
    private int Parts => (int)Math.Clamp(Options.Schedules / BlockSize, 1, MostParts);

    private int BlocksOf(string strategy) => SplittingOf(strategy) switch
    {
        StrategyCatalog.Splitting.BySeed => (int)((Options.Schedules + BlockSize - 1) / BlockSize),
        StrategyCatalog.Splitting.ByPart => (Options.Preemptions + 1) * Parts,
        _ => 1,
    };

    private static StrategyCatalog.Splitting SplittingOf(string strategy) => StrategyCatalog.Find(strategy)?.Splits ?? StrategyCatalog.Splitting.None;

    // What searches a weak memory has to be offered every place on the time line, and nothing forgotten.
    private static MemoryOptions MemoryOf(string strategy, MemoryOptions memory) =>
        memory.Machine.Model.StaleReads && SplittingOf(strategy) != StrategyCatalog.Splitting.BySeed
            ? memory with { Machine = memory.Machine.ForSearch() }
            : memory;
}
