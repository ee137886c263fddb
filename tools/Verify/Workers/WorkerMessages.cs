using System.Text.Json;
using System.Text.Json.Serialization;
using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Cli.Subjects;

namespace Verify.Cli.Workers;

/// <summary>What a worker is told, a line of JSON each. Exactly one property is set.</summary>
internal sealed record WorkerRequest
{
    /// <summary>The first message: what to load, and on which processor to run.</summary>
    public LoadRequest? Load { get; init; }

    public RunRequest? Run { get; init; }

    /// <summary>Ends the block being run.</summary>
    public bool Cancel { get; init; }
}

/// <summary>Null for the assembly means the scenarios.</summary>
internal sealed record LoadRequest(int Processor, AssemblySubject.Source? Assembly);

internal sealed record RunRequest(string Cell, ExplorationOptions Options);

/// <summary>What a worker answers, a line of JSON each.</summary>
internal sealed record WorkerReply
{
    /// <summary>Loaded; ready for blocks.</summary>
    public bool Ready { get; init; }

    /// <summary>The input cannot be used; one line for the user.</summary>
    public string? Refused { get; init; }

    /// <summary>A block has ended.</summary>
    public WorkerResult? Result { get; init; }

    /// <summary>A block was cancelled.</summary>
    public bool Cancelled { get; init; }
}

/// <summary>A <see cref="BlockResult"/> whose schedule is the text of its file.</summary>
internal sealed record WorkerResult(
    long Schedules, long Decisions, long Unfinished, double Seconds, bool Exhausted, Failure? Failure, string? Schedule)
{
    internal static WorkerResult Of(BlockResult result) => new(
        result.Schedules, result.Decisions, result.Unfinished, result.Seconds, result.Exhausted, result.Failure,
        result.Schedule is null ? null : ScheduleWriter.ToJson(result.Schedule));

    internal BlockResult ToResult() => new()
    {
        Schedules = Schedules,
        Decisions = Decisions,
        Unfinished = Unfinished,
        Seconds = Seconds,
        Exhausted = Exhausted,
        Failure = Failure,
        Schedule = Schedule is null ? null : ScheduleReader.Parse(Schedule),
    };
}

/// <summary>The form of the lines.</summary>
internal static class WorkerJson
{
    private static readonly JsonSerializerOptions s_options = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    internal static string Write<T>(T message) => JsonSerializer.Serialize(message, s_options);

    internal static T Read<T>(string line) => JsonSerializer.Deserialize<T>(line, s_options)!;
}
