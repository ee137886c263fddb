using System.CommandLine;
using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;
using Verify.Cli.Reports;

namespace Verify.Cli.Verbs;

/// <summary>What <c>check</c> and <c>test</c> share on the command line: how to explore, for how long, where to write.</summary>
internal sealed class CampaignArguments
{
    private readonly Option<string[]> _explore = new("--explore")
    {
        Description = "Exploration strategies, one after the other, until one finds a failure.",
        DefaultValueFactory = _ => ["portfolio"],
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<long> _schedules;
    private readonly Option<ulong> _seed = new("--seed") { Description = "Seed of the random strategies.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _maxSteps = new("--max-steps") { Description = "Most steps of one execution.", DefaultValueFactory = _ => 20_000 };
    private readonly Option<int> _depth = new("--depth") { Description = "Bug depth of pct.", DefaultValueFactory = _ => 3 };
    private readonly Option<int> _preemptions = new("--preemptions") { Description = "Preemption bound of dfs.", DefaultValueFactory = _ => 2 };
    private readonly Option<string[]> _model;
    private readonly Option<int> _weakAnswers = new("--weak-answers")
    {
        Description = "Under tso and dotnet: most answers of memory in one execution of dfs that sc would not give.",
        DefaultValueFactory = _ => 2,
    };

    private readonly Option<string> _races = new("--races")
    {
        Description = "Data races by happens-before: off, report (tell and go on), or fail (a race is a failure).",
        DefaultValueFactory = _ => "off",
    };

    private readonly Option<bool> _plainPoints = new("--plain-points") { Description = "Switch threads at plain accesses too, not at synchronization alone." };
    private readonly Option<double?> _budget = new("--budget") { Description = "Most seconds to explore; what was not tried enough is reported as open." };
    private readonly Option<string> _output = new("--output") { Description = "Folder for schedule files and progress.json.", DefaultValueFactory = _ => "verify-out" };
    private readonly Option<int> _workers = new("--workers")
    {
        Description = "Processes that explore; 0 explores in this one. Results do not depend on it.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly Option<string> _shard = new("--shard") { Description = "Only part i of n, for several machines: i/n. `verify merge` joins their progress files.", DefaultValueFactory = _ => "1/1" };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on from progress.json in the output folder." };
    private readonly Option<bool> _noShrink = new("--no-shrink") { Description = "Keep failing schedules as they were found." };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    private readonly Option<string[]> _format = new("--format")
    {
        Description = "Reports to write besides: " + string.Join(", ", ReportCatalog.All.Select(r => $"{r.Name} ({r.Summary}{(r.FileName is null ? "" : ", " + r.FileName)})")) + ".",
        DefaultValueFactory = _ => [],
        AllowMultipleArgumentsPerToken = true,
    };

    // A campaign that ends with its budget is cut finer, so that the budget reaches all of it; and this is what each test gets before it counts as clean.
    private const int BlockOfBudgeted = 100;

    private readonly TimeSpan? _defaultBudget;

    /// <param name="schedules">Default of <c>--schedules</c>.</param>
    /// <param name="models">Defaults of <c>--model</c>.</param>
    /// <param name="budget">What ends the campaign when the command line names neither a number of schedules nor a part of the work.</param>
    internal CampaignArguments(long schedules, string[] models, TimeSpan? budget = null)
    {
        _defaultBudget = budget;
        _model = new Option<string[]>("--model")
        {
            Description = "Memory model: sc, tso (x86), or dotnet (what .NET promises on any processor). Several, each after a --model of its own, are explored one beside the other.",
            DefaultValueFactory = _ => models,
        };
        _schedules = new Option<long>("--schedules") { Description = "Schedules per exploration strategy; with dfs, per preemption bound.", DefaultValueFactory = _ => schedules };
        _explore.AcceptOnlyFromAmong([.. StrategyCatalog.All.Select(s => s.Name)]);
        _model.AcceptOnlyFromAmong([.. MemoryModel.All.Select(m => m.Name)]);
        _races.AcceptOnlyFromAmong([.. Enum.GetNames<RaceMode>().Select(n => n.ToLowerInvariant())]);
        _format.AcceptOnlyFromAmong([.. ReportCatalog.All.Select(r => r.Name)]);
        _schedules.Within(1, long.MaxValue);
        _maxSteps.Within(1, int.MaxValue);
        _depth.Within(1, 1000);
        _preemptions.Within(0, 1000);
        _weakAnswers.Within(0, 1000);
        _workers.Within(0, 1024);
        _budget.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is <= 0)
            {
                result.AddError("--budget must be more than 0 seconds.");
            }
        });
        _shard.Validators.Add(result =>
        {
            if (!Shard.TryParse(result.GetValueOrDefault<string>() ?? "", out _))
            {
                result.AddError("--shard is i/n with 1 <= i <= n, such as 2/4.");
            }
        });
    }

    internal void AddTo(Command command)
    {
        Option[] all =
        [
            _explore, _schedules, _seed, _maxSteps, _depth, _preemptions, _weakAnswers, _model, _races, _plainPoints, _budget, _output, _workers, _shard, _resume,
            _noShrink, _format, _json,
        ];
        foreach (Option option in all)
        {
            command.Options.Add(option);
        }
    }

    private static bool IsImplicit(ParseResult parsed, Option option) => parsed.GetResult(option) is null or { Implicit: true };

    internal CampaignSettings Read(ParseResult parsed)
    {
        Shard.TryParse(parsed.GetValue(_shard)!, out Shard shard);
        string[] models = [.. parsed.GetValue(_model)!.Distinct()];
        if (IsImplicit(parsed, _model) && parsed.GetValue(_explore)!.Contains("dpor"))
        {
            models = [MemoryModel.Sc.Name]; // the only one it is for
        }

        TimeSpan? budget = parsed.GetValue(_budget) is { } seconds ? TimeSpan.FromSeconds(seconds)
            : IsImplicit(parsed, _schedules) && shard == Shard.Whole ? _defaultBudget
            : null;
        if (parsed.GetValue(_explore)!.Contains("dpor") && models.FirstOrDefault(m => m != MemoryModel.Sc.Name) is { } weak)
        {
            throw new InputException($"dpor is complete under sc only; under {weak} use --explore exhaustive, or dfs for a bound");
        }

        return new CampaignSettings(
            parsed.GetValue(_explore)!,
            new ExplorationOptions
            {
                Schedules = parsed.GetValue(_schedules),
                Seed = parsed.GetValue(_seed),
                MaxSteps = parsed.GetValue(_maxSteps),
                Depth = parsed.GetValue(_depth),
                Preemptions = parsed.GetValue(_preemptions),
                WeakAnswers = parsed.GetValue(_weakAnswers),
                Memory = MemoryOptions.For(
                    models[0], Enum.Parse<RaceMode>(parsed.GetValue(_races)!, ignoreCase: true), parsed.GetValue(_plainPoints)),
            },
            models,
            budget,
            _defaultBudget is null ? CampaignPlan.DefaultBlockSize : BlockOfBudgeted,
            _defaultBudget is null || budget is null ? 0 : Math.Min(BlockOfBudgeted, parsed.GetValue(_schedules)),
            parsed.GetValue(_output)!,
            parsed.GetValue(_workers),
            shard,
            parsed.GetValue(_resume),
            !parsed.GetValue(_noShrink),
            parsed.GetValue(_format)!,
            parsed.GetValue(_json));
    }
}

/// <summary>The values of <see cref="CampaignArguments"/>.</summary>
/// <param name="Explore">Exploration strategies.</param>
/// <param name="Options">Limits, and the memory of the first model.</param>
/// <param name="Models">Memory models, at least one.</param>
/// <param name="Budget">Most time to explore; null for no limit.</param>
/// <param name="BlockSize">As <see cref="CampaignPlan.BlockSize"/>.</param>
/// <param name="Enough">As <see cref="CampaignPlan.Enough"/>.</param>
/// <param name="Output">Folder for what is written.</param>
/// <param name="Workers">Processes; 0 for this one.</param>
/// <param name="Shard">Part of the work.</param>
/// <param name="Resume">Go on from what is in the folder.</param>
/// <param name="Shrink">Shrink what is found.</param>
/// <param name="Formats">Reports to write.</param>
/// <param name="Json">Print JSON.</param>
internal sealed record CampaignSettings(
    IReadOnlyList<string> Explore, ExplorationOptions Options, IReadOnlyList<string> Models, TimeSpan? Budget, int BlockSize, long Enough, string Output, int Workers, Shard Shard, bool Resume, bool Shrink,
    IReadOnlyList<string> Formats, bool Json);
