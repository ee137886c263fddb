using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Verify.Checker.Runtime;

namespace Verify.Checker.Replay;

/// <summary>Reads a schedule file and trusts nothing in it: every number is checked, and no name in it causes anything to be loaded.</summary>
public static partial class ScheduleReader
{
    private const long MostBytes = 1L << 30;

    /// <summary>Reads the file.</summary>
    /// <exception cref="ScheduleFormatException">It is missing, is not a schedule, is of another version, or contradicts itself.</exception>
    public static Schedule Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string text;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                throw new ScheduleFormatException($"no schedule file at '{path}'; `verify check` and `verify test` write them and print their paths");
            }

            if (file.Length > MostBytes)
            {
                throw new ScheduleFormatException($"'{path}' is larger than any schedule ({file.Length:N0} bytes); record it again");
            }

            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ScheduleFormatException($"cannot read '{path}': {e.Message}");
        }

        try
        {
            return Parse(text);
        }
        catch (ScheduleFormatException e)
        {
            throw new ScheduleFormatException($"'{path}' cannot be replayed: {e.Message}");
        }
    }

    /// <summary>Reads the text of a schedule file.</summary>
    public static Schedule Parse(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new ScheduleFormatException($"it is not JSON (line {e.LineNumber + 1}); it was cut off or edited, record it again");
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new ScheduleFormatException("a property is missing or of the wrong type; record it again");
        }
    }

    private static Schedule Read(JsonElement root)
    {
        Require(root.ValueKind == JsonValueKind.Object && root.TryGetProperty("format", out JsonElement format)
            && format.ValueKind == JsonValueKind.String && format.ValueEquals(ScheduleWriter.Format), "it is not a Verify schedule");
        int version = root.GetProperty("version").GetInt32();
        Require(
            version == ScheduleWriter.Version,
            $"it has format version {version} and this verify reads version {ScheduleWriter.Version}; record it again with `verify check`");

        string[] threads = [.. root.GetProperty("threads").EnumerateArray().Select(t => t.GetString() ?? "")];
        Site[] sites = [.. root.GetProperty("sites").EnumerateArray().Select(s => ReadSite(s.GetString() ?? ""))];
        JsonElement found = root.GetProperty("found");
        JsonElement failure = root.GetProperty("failure");
        var steps = new Step[root.GetProperty("steps").GetArrayLength()];
        int i = 0;
        foreach (JsonElement step in root.GetProperty("steps").EnumerateArray())
        {
            steps[i] = ReadStep(step.GetString() ?? "", i + 1, threads.Length, sites.Length);
            i++;
        }

        string digest = root.GetProperty("digest").GetString() ?? "";
        Require(ulong.TryParse(digest, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong expected), "its digest is not a number");
        ulong actual = Digest(steps, sites);
        Require(actual == expected, "its digest does not match its steps; it was edited or damaged, record it again");
        int maxSteps = found.GetProperty("maxSteps").GetInt32();
        Require(maxSteps > 0, "its maxSteps is not positive");
        Require(Enum.TryParse(failure.GetProperty("kind").GetString(), out FailureKind kind) && Enum.IsDefined(kind), "its failure kind is unknown");
        return new Schedule
        {
            Test = root.GetProperty("test").GetString() ?? "",
            Variant = root.GetProperty("variant").GetString() ?? "",
            Strategy = found.GetProperty("strategy").GetString() ?? "",
            Seed = found.GetProperty("seed").GetUInt64(),
            Execution = found.GetProperty("execution").GetInt64(),
            MaxSteps = maxSteps,
            Memory = ReadMemory(found),
            Modules = root.GetProperty("modules").EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetString() ?? ""),
            Threads = threads,
            Sites = sites,
            Steps = steps,
            Failure = new Failure(
                kind,
                failure.GetProperty("message").GetString() ?? "",
                failure.GetProperty("thread").GetInt32(),
                failure.GetProperty("details").GetString() ?? ""),
            Digest = expected,
        };
    }

    private static MemoryOptions ReadMemory(JsonElement found)
    {
        if (!found.TryGetProperty("memory", out JsonElement memory))
        {
            return MemoryOptions.Default;
        }

        string text = memory.GetString() ?? "";
        Require(MemoryOptionsText.TryParse(text, out MemoryOptions? options), $"its memory '{text}' is not understood; record it again");
        return options!;
    }

    private static ulong Digest(Step[] steps, Site[] sites)
    {
        ulong digest = Fnv.Offset;
        foreach (Step step in steps)
        {
            digest = StepLog.Mix(digest, step, sites[step.Site].StableId);
        }

        return digest;
    }

    private static Site ReadSite(string text)
    {
        Match m = SitePattern().Match(text);
        Require(m.Success && int.TryParse(m.Groups["ordinal"].ValueSpan, out _), "a site is not of the form 'operation | method#ordinal | file:line'");
        bool hasLine = int.TryParse(m.Groups["line"].ValueSpan, out int line);
        return new Site(
            m.Groups["method"].Value,
            int.Parse(m.Groups["ordinal"].ValueSpan, CultureInfo.InvariantCulture),
            m.Groups["operation"].Value,
            hasLine ? m.Groups["file"].Value : "",
            hasLine ? line : 0);
    }

    private static Step ReadStep(string text, int number, int threads, int sites)
    {
        Match m = StepPattern().Match(text);
        Require(m.Success, $"step {number} is not of the form 'thread Kind @site'");
        bool numbers = int.TryParse(m.Groups["thread"].ValueSpan, out int thread) & int.TryParse(m.Groups["site"].ValueSpan, out int site);
        Require(numbers && thread < threads, $"step {number} names a thread that is not in its list");
        Require(site < sites, $"step {number} names a site that is not in its list");
        Require(Enum.TryParse(m.Groups["kind"].ValueSpan, out OperationKind kind) && Enum.IsDefined(kind), $"step {number} has an unknown kind");
        int value = 0;
        if (m.Groups["value"].Success)
        {
            Require(int.TryParse(m.Groups["value"].ValueSpan, out value), $"step {number} has a choice that is not a number");
        }

        if (kind is OperationKind.ReadFrom or OperationKind.Place)
        {
            Require(
                int.TryParse(m.Groups["question"].ValueSpan, out int question) && question <= Step.MostQuestions && value is > 0 and <= Step.MostAnswer,
                $"step {number} is not of the form 'thread {kind} @site =answer #question'");
            return new Step(thread, site, kind, Step.WeakValue(question, value));
        }

        Require(!m.Groups["question"].Success, $"step {number} has a question but is no answer of the memory model");
        Require(value == 0 || kind == OperationKind.Choice, $"step {number} has a choice but is none");
        return new Step(thread, site, kind, value);
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new ScheduleFormatException(otherwise);
        }
    }

    [GeneratedRegex(@"^(?<operation>.*?) \| (?<method>.*)#(?<ordinal>\d+) \| (?:(?<file>.*):(?<line>\d+))?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex SitePattern();

    [GeneratedRegex(@"^(?<thread>\d+) (?<kind>[A-Za-z]+) @(?<site>\d+)(?: =(?<value>\d+)(?: #(?<question>\d+))?)?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex StepPattern();
}
