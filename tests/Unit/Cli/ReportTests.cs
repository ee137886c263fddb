using System.Text.Json;
using System.Xml.Linq;
using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Cli.Reports;

namespace Verify.Tests.Unit.Cli;

public class ReportTests
{
    private const string Hostile = "evil\"<script>alert(1)</script>&\u0001::error ::\r\n::warning::x,y:z%";

    private static readonly Schedule s_schedule = Explorer.Explore(Checker.Program.LostUpdate, new ExplorationOptions()).Schedule! with
    {
        Sites = [new Site("N.C.M()", 0, "Volatile.Read", "/_/src/a b.cs", 7), new Site("N.C.M()", 1, "Volatile.Write", "/elsewhere/x.cs", 9)],
        Threads = ["main", "t<1>", "t2"],
        Steps = [new Step(0, 0, OperationKind.VolatileRead, 0), new Step(1, 1, OperationKind.VolatileWrite, 0), new Step(2, 1, OperationKind.VolatileWrite, 0)],
    };

    private static readonly CellStatus s_clean = new(new CampaignCell("queue", "sound", "clean"), 4000, 90_000, 0, 1.5, true, false, null, null);

    private static readonly CellStatus s_mutant = s_clean with { Cell = new CampaignCell("queue", "mutant", "racy"), FoundBy = "pct", Found = Found("lost") };

    private static readonly CellStatus s_unexpected = s_mutant with { Cell = new CampaignCell(Hostile, "", "clean"), Found = Found(Hostile) };

    private static readonly CellStatus s_missed = s_clean with { Cell = new CampaignCell("queue", "missed", "racy") };

    private static readonly CellStatus s_open = s_clean with { Cell = new CampaignCell("queue", "open", "clean"), Complete = false };

    private static readonly ReportInput s_input = new(
        "check", [s_clean, s_mutant, s_unexpected, s_missed, s_open], c => "verify replay " + CampaignFile.ScheduleName(c.Cell.Name), ".");

    private static BlockResult Found(string message) => new()
    {
        Schedules = 3,
        Failure = new Failure(FailureKind.Assertion, message, 1, "   at C.M()\u0002 <b>"),
        Schedule = s_schedule,
    };

    [Fact]
    public void JUnit_has_a_case_a_cell_and_fails_those_not_as_expected()
    {
        XDocument xml = XDocument.Parse(new JUnitReport().Make(s_input));

        Assert.Equal(5, xml.Descendants("testcase").Count());
        Assert.Equal(["missed", "unexpected"], Names("failure").Select(n => n == "missed" ? n : "unexpected").Order());
        Assert.Equal(["open"], Names("skipped"));
        Assert.Equal(["1", "1"], xml.Descendants("testsuite").Select(s => s.Attribute("failures")!.Value));

        IEnumerable<string> Names(string child) => xml.Descendants(child).Select(f => f.Parent!.Attribute("name")!.Value);
    }

    [Fact]
    public void Sarif_has_a_result_a_failure_with_a_thread_flow_per_thread_in_execution_order()
    {
        JsonElement run = JsonDocument.Parse(new SarifReport().Make(s_input)).RootElement.GetProperty("runs")[0];
        JsonElement[] results = [.. run.GetProperty("results").EnumerateArray()];

        Assert.Equal(["note", "error"], results.Select(r => r.GetProperty("level").GetString()));
        JsonElement[] flows = [.. results[0].GetProperty("codeFlows")[0].GetProperty("threadFlows").EnumerateArray()];
        Assert.Equal(["main", "t<1>", "t2"], flows.Select(f => f.GetProperty("id").GetString()));
        Assert.Equal([1, 2, 3], flows.SelectMany(f => f.GetProperty("locations").EnumerateArray()).Select(l => l.GetProperty("executionOrder").GetInt32()));
        JsonElement place = flows[0].GetProperty("locations")[0].GetProperty("location").GetProperty("physicalLocation");
        Assert.Equal("src/a%20b.cs", place.GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.Equal(7, place.GetProperty("region").GetProperty("startLine").GetInt32());
        Assert.StartsWith("file:///", flows[1].GetProperty("locations")[0].GetProperty("location").GetProperty("physicalLocation")
            .GetProperty("artifactLocation").GetProperty("uri").GetString());
    }

    [Fact]
    public void GitHub_annotations_are_one_line_each_whatever_the_names_are()
    {
        string[] lines = new GitHubReport().Make(s_input).TrimEnd('\n').Split('\n');

        Assert.Equal(2, lines.Length);
        Assert.All(lines, l => Assert.Matches("^::error (file=[^:,]+,line=7,)?title=[^:,]+::", l));
        Assert.All(lines, l => Assert.DoesNotContain('\r', l));
    }

    [Fact]
    public void The_page_is_well_formed_needs_no_network_and_runs_no_script()
    {
        string html = new HtmlReport().Make(s_input);
        XElement page = XDocument.Parse(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)).Root!;

        Assert.Empty(page.Descendants("script"));
        Assert.Empty(page.Descendants("link"));
        Assert.DoesNotContain("http", html);
        Assert.Equal(2, page.Descendants("details").Count());
        Assert.Contains("2 not as expected", page.Element("body")!.Element("h1")!.Value);
        Assert.All(page.Descendants("a").Select(a => a.Attribute("href")!.Value), h => Assert.Contains(page.Descendants("details"), d => "#" + d.Attribute("id")!.Value == h));
    }
}
