using System.Text.Json;
using System.Text.Json.Serialization;
using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Cli.Subjects;
using Verify.Rewriter.Mutation;

namespace Verify.Cli.Workers;

/// <summary>What a worker is told, a line of JSON each. Exactly one property is set.</summary>
internal sealed record WorkerRequest
{
    /// <summary>The first message, and again for another program: what to load, and on which processor to run.</summary>
    public LoadRequest? Load { get; init; }

    public RunRequest? Run { get; init; }

    public FinishRequest? Finish { get; init; }

    /// <summary>Ends the block being run, or the shrinking, which keeps the best so far.</summary>
    public bool Cancel { get; init; }
}

/// <summary>Null for the assembly means the scenarios, to which alone a mutation applies.</summary>
internal sealed record LoadRequest(int Processor, AssemblySubject.Source? Assembly, Mutation? Mutation = null);

internal sealed record RunRequest(string Cell, ExplorationOptions Options);

/// <summary>Shrink the schedule in a file, for so many seconds at most; or draw it.</summary>
internal sealed record FinishRequest(string Cell, bool PlainAccesses, string File, double Seconds, bool Draw);

/// <summary>What a worker answers, a line of JSON each.</summary>
internal sealed record WorkerReply
{
    /// <summary>Loaded; ready for blocks.</summary>
    public bool Ready { get; init; }

    /// <summary>The input cannot be used; one line for the user.</summary>
    public string? Refused { get; init; }

    /// <summary>How far the search in the block being run is; the end of the block is told apart.</summary>
    public SearchProgress? Searching { get; init; }

    /// <summary>A block has ended.</summary>
    public WorkerResult? Result { get; init; }

    /// <summary>A block was cancelled.</summary>
    public bool Cancelled { get; init; }

    /// <summary>A finding's files are written.</summary>
    public bool Finished { get; init; }
}

/// <summary>A <see cref="BlockResult"/> whose schedule is the text of its file.</summary>
internal sealed record WorkerResult(
    long Schedules, long Decisions, long Unfinished, double Seconds, bool Exhausted, Failure? Failure, string? Schedule, IReadOnlyList<string>? Races,
    SearchProgress? Search, IReadOnlyList<StrategyCoverage>? Coverage)
{
    internal static WorkerResult Of(BlockResult result) => new(
        result.Schedules, result.Decisions, result.Unfinished, result.Seconds, result.Exhausted, result.Failure,
        result.Schedule is null ? null : ScheduleWriter.ToJson(result.Schedule),
        result.Races.Count == 0 ? null : result.Races,
        result.Search,
        result.Coverage.Count == 0 ? null : result.Coverage);

    internal BlockResult ToResult() => new()
    {
        Schedules = Schedules,
        Decisions = Decisions,
        Unfinished = Unfinished,
        Seconds = Seconds,
        Exhausted = Exhausted,
        Failure = Failure,
        Schedule = Schedule is null ? null : ScheduleReader.Parse(Schedule),
        Races = Races ?? [],
        Search = Search,
        Coverage = Coverage ?? [],
    };
}

/// <summary>The form of the lines.</summary>
internal static class WorkerJson
{
    // Nulls alone are left out: some defaults are not zero.
    private static readonly JsonSerializerOptions s_options = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    internal static string Write<T>(T message) => JsonSerializer.Serialize(message, s_options);

    internal static T Read<T>(string line) => JsonSerializer.Deserialize<T>(line, s_options)!;
}
