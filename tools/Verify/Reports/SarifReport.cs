using System.Text.Json;
using Verify.Checker.Campaigns;
using Verify.Checker.Runtime;
using Verify.Cli.Output;

namespace Verify.Cli.Reports;

/// <summary>SARIF 2.1.0: a result a failure, its schedule as a code flow with a thread flow per thread.</summary>
/// <remarks>Results of tests that are expected to fail have the level <c>note</c>.</remarks>
internal sealed class SarifReport : IReport
{
    private const int MostEvents = 2000; // of one schedule, the last ones: viewers show no more

    public string Name => "sarif";

    public string Summary => "SARIF 2.1.0, with a thread flow per thread";

    public string FileName => "report.sarif";

    public string Make(ReportInput input)
    {
        CellStatus[] found = [.. input.Cells.Where(c => c.Found is not null)];
        return JsonSerializer.Serialize(
            new Dictionary<string, object>
            {
                ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
                ["version"] = "2.1.0",
                ["runs"] = new[]
                {
                    new
                    {
                        tool = new
                        {
                            driver = new
                            {
                                name = "verify",
                                rules = found.Select(c => c.Found!.Failure!.Kind).Distinct().Order().Select(k => new { id = k.ToString() }),
                            },
                        },
                        columnKind = "utf16CodeUnits",
                        results = found.Select(c => Result(c, input)),
                    },
                },
            },
            Json.Options) + "\n";
    }

    private static Dictionary<string, object> Result(CellStatus cell, ReportInput input)
    {
        BlockResult found = cell.Found!;
        var result = new Dictionary<string, object>
        {
            ["ruleId"] = found.Failure!.Kind.ToString(),
            ["level"] = cell.AsExpected ? "note" : "error",
            ["message"] = new { text = $"{cell.Cell.Name}: {Plain.OneLine(found.Failure.Message)}" },
            ["partialFingerprints"] = new Dictionary<string, string> { ["verifyTest/v1"] = $"{cell.Cell.Name}:{found.Failure.Kind}" },
        };
        if (found.Schedule is not { } schedule)
        {
            return result;
        }

        int first = Math.Max(0, schedule.Steps.Count - MostEvents);
        (Step Step, int Number)[] steps = [.. schedule.Steps.Select((s, i) => (s, i + 1)).Skip(first)];
        if (steps.LastOrDefault(s => schedule.Sites[s.Step.Site].Line > 0) is { Number: > 0 } last)
        {
            result["locations"] = new[] { Location(schedule.Sites[last.Step.Site], "the last event before the failure") };
        }

        result["properties"] = new { replay = input.Replay(cell), schedules = cell.Schedules };
        result["codeFlows"] = new[]
        {
            new
            {
                message = new { text = $"schedule with digest {schedule.Digest:x16}" },
                threadFlows = steps.GroupBy(s => s.Step.Thread).OrderBy(g => g.Key).Select(thread => new
                {
                    id = schedule.Threads[thread.Key],
                    locations = thread.Select(s => new
                    {
                        executionOrder = s.Number,
                        location = Location(schedule.Sites[s.Step.Site], schedule.Sites[s.Step.Site].Operation),
                    }),
                }),
            },
        };
        return result;
    }

    private static Dictionary<string, object> Location(Site site, string text)
    {
        var location = new Dictionary<string, object> { ["message"] = new { text } };
        if (site.Line > 0)
        {
            location["physicalLocation"] = new
            {
                artifactLocation = SourcePath.Relative(site.File) is { } relative
                    ? (object)new { uri = string.Join('/', relative.Split('/').Select(Uri.EscapeDataString)), uriBaseId = "SRCROOT" }
                    : new { uri = new Uri(Path.GetFullPath(site.File)).AbsoluteUri },
                region = new { startLine = site.Line },
            };
        }

        location["logicalLocations"] = new[] { new { fullyQualifiedName = site.Method } };
        return location;
    }
}
