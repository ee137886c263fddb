using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Checker.Campaigns;

/// <summary>A progress file cannot be used. The message says why and what to do.</summary>
public sealed class CampaignFormatException(string message) : Exception(message);

/// <summary>Progress files: what to resume an interrupted campaign from, and what the shards of one are merged from.</summary>
/// <remarks>The schedules of failures lie beside it, one file a cell; only the first failing block's is kept.</remarks>
public static class CampaignFile
{
    private const string Format = "verify-progress";
    private const int Version = 1;

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private static readonly ConditionalWeakTable<Schedule, string> s_texts = []; // made once, not at every save

    private sealed record Document(string Format, int Version, CampaignPlan Plan, IReadOnlyList<Entry> Blocks);

    private sealed record Entry(
        string Cell, int Block, long Schedules, long Decisions, long Unfinished, double Seconds, bool Exhausted, Failure? Failure, string? Replay,
        IReadOnlyList<string>? Races = null, SearchProgress? Search = null, IReadOnlyList<StrategyCoverage>? Coverage = null);

    /// <summary>Name of the schedule file of a cell.</summary>
    public static string ScheduleName(string cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        char[] forbidden = ['/', '\\', ':', '*', '?', '"', '<', '>', '|', '`', ' '];
        return string.Concat(cell.Select(c => c == '/' ? '.' : char.IsControl(c) || forbidden.Contains(c) ? '_' : c)) + ".schedule.json";
    }

    /// <summary>Writes the state, and the schedule of each cell that failed into the same folder. The old file stays whole until the new one is.</summary>
    public static void Save(CampaignState state, string path)
    {
        ArgumentNullException.ThrowIfNull(state);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var entries = new List<Entry>();
        foreach ((int cell, int block, BlockResult result) in state.Results)
        {
            if (block > state.FirstFailing(cell))
            {
                continue; // run by chance, before the lower one had failed
            }

            string name = state.Plan.Cells[cell].Name;
            string? replay = null;
            if (result.Schedule is { } schedule)
            {
                replay = ScheduleName(name);
                SaveOnce(schedule, Path.Combine(folder, replay));
            }

            entries.Add(new Entry(
                name, block, result.Schedules, result.Decisions, result.Unfinished, result.Seconds, result.Exhausted, result.Failure, replay,
                result.Races.Count == 0 ? null : result.Races,
                result.Search,
                result.Coverage.Count == 0 ? null : result.Coverage));
        }

        string temporary = path + ".tmp";
        File.WriteAllText(temporary, JsonSerializer.Serialize(new Document(Format, Version, state.Plan, entries), s_json) + "\n");
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads a state.</summary>
    /// <exception cref="CampaignFormatException">It is missing, damaged, of another version, or contradicts itself.</exception>
    public static CampaignState Load(string path)
    {
        Document document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(File.ReadAllText(path), s_json)
                ?? throw new CampaignFormatException($"'{path}' is not a progress file");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CampaignFormatException($"no progress file at '{path}'; `verify check` and `verify test` write progress.json into their output folder");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CampaignFormatException($"cannot read '{path}': {e.Message}");
        }
        catch (JsonException)
        {
            throw new CampaignFormatException($"'{path}' is not a progress file, or was damaged; run the campaign again");
        }

        Require(document.Format == Format, path, "it is not a Verify progress file");
        Require(document.Version == Version, path, $"it has format version {document.Version} and this verify reads version {Version}");
        CampaignPlan plan = document.Plan;
        Require(plan.Cells.Count > 0 && plan.Cells.DistinctBy(c => c.Name).Count() == plan.Cells.Count, path, "its list of tests is empty or names one twice");
        Require(
            plan.BlockSize > 0 && plan.Options is { Schedules: > 0, MaxSteps: > 0 }
                && plan.Strategies.All(s => Exploration.StrategyCatalog.Find(s) is not null),
            path,
            "its plan has a number or a strategy that does not exist");
        var cells = plan.Cells.Select((c, i) => (c.Name, i)).ToDictionary(c => c.Name, c => c.i);
        var state = new CampaignState(plan);
        foreach (Entry entry in document.Blocks)
        {
            Require(
                cells.TryGetValue(entry.Cell, out int cell) && entry.Block >= 0 && entry.Block < plan.BlocksPerCell && entry.Schedules >= 0,
                path,
                $"block {entry.Block} of '{entry.Cell}' is not in its plan");
            state.Add(cell, entry.Block, new BlockResult
            {
                Schedules = entry.Schedules,
                Decisions = entry.Decisions,
                Unfinished = entry.Unfinished,
                Seconds = entry.Seconds,
                Exhausted = entry.Exhausted,
                Failure = entry.Failure,
                Races = entry.Races ?? [],
                Search = entry.Search,
                Coverage = entry.Coverage ?? [],
                Schedule = entry.Replay is null ? null : LoadSchedule(path, entry.Replay),
            });
        }

        return state;
    }

    private static Schedule? LoadSchedule(string path, string name)
    {
        Require(Path.GetFileName(name) == name, path, "it refers to a schedule outside its own folder");
        string file = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name);
        return File.Exists(file) ? ScheduleReader.Load(file) : null;
    }

    // Saving is repeated while the campaign runs; a schedule that is there and the same is left alone.
    private static void SaveOnce(Schedule schedule, string path)
    {
        string text = s_texts.GetValue(schedule, ScheduleWriter.ToJson);
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            ScheduleWriter.Save(schedule, path);
        }
    }

    private static void Require(bool condition, string path, string problem)
    {
        if (!condition)
        {
            throw new CampaignFormatException($"'{path}' cannot be used: {problem}; run the campaign again");
        }
    }
}
