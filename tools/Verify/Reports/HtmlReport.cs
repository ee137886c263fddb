using System.Globalization;
using System.Net;
using System.Text;
using Verify.Checker.Campaigns;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Cli.Output;

namespace Verify.Cli.Reports;

/// <summary>One HTML file that opens from disk: a matrix of tests and variants, then each failure with its replay command and picture.</summary>
internal sealed class HtmlReport : IReport
{
    private const int MostEvents = 40; // of a schedule, the last ones

    private const string Style = """
        :root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--dim:#667;--line:#d6dae0;--clean:#1a7f37;--racy:#b35900;--bad:#cf222e}
        @media(prefers-color-scheme:dark){:root{--fg:#e6e8eb;--bg:#15181c;--dim:#99a;--line:#343a42;--clean:#4cc36a;--racy:#f0a04b;--bad:#ff6b6b}}
        body{font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);margin:0 auto;max-width:76rem;padding:1rem}
        h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}p{margin:.3rem 0}
        .dim{color:var(--dim)}.clean{color:var(--clean)}.racy{color:var(--racy)}.bad{color:var(--bad);font-weight:600}.open{color:var(--dim)}
        .row{display:flex;flex-wrap:wrap;gap:.3rem .6rem;border-top:1px solid var(--line);padding:.35rem 0}
        .row b{flex:0 0 16rem;overflow-wrap:anywhere;font-weight:600}.row span{white-space:nowrap}
        details{border-top:1px solid var(--line);padding:.4rem 0}summary{cursor:pointer;overflow-wrap:anywhere}
        pre{overflow:auto;background:color-mix(in srgb,var(--fg) 6%,var(--bg));padding:.6rem;border-radius:6px;font-size:13px}
        a{color:inherit}@media(max-width:640px){.row b{flex-basis:100%}}
        """;

    public string Name => "html";

    public string Summary => "one HTML page";

    public string FileName => "report.html";

    public string Make(ReportInput input)
    {
        int unexpected = input.Cells.Count(c => c.Verdict != "open" && !c.AsExpected), open = input.Cells.Count(c => c.Verdict == "open");
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>")
            .Append($"<title>verify {Text(input.Command)}</title><style>{Style}</style></head><body>\n")
            .Append($"<h1>verify {Text(input.Command)}: ")
            .Append(unexpected > 0 ? $"<span class=\"bad\">{unexpected} not as expected</span>" : "<span class=\"clean\">as expected</span>")
            .Append(open > 0 ? $", {open} open" : "").Append("</h1>\n")
            .Append($"<p class=\"dim\">{Number(input.Cells.Count)} cells, {Number(input.Cells.Sum(c => c.Schedules))} schedules, ")
            .Append($"{Number(input.Cells.Sum(c => c.Decisions))} scheduling decisions, {input.Cells.Sum(c => c.Seconds).ToString("F1", CultureInfo.InvariantCulture)} s of work. ")
            .Append("✓ clean, ✗ racy, … open; a racy mutant is as it should be, red is not. Several signs are the memory models, from the strongest to the weakest.</p>\n<h2>Verdicts</h2>\n");
        foreach (var test in input.Cells.GroupBy(c => c.Cell.Test))
        {
            html.Append($"<div class=\"row\"><b>{Text(test.Key)}</b>").Append(string.Concat(test.GroupBy(c => c.Cell.Variant).Select(Marks))).Append("</div>\n");
        }

        html.Append("<h2>Findings</h2>\n");
        foreach (CellStatus cell in input.Cells.Where(c => c.Found is not null).OrderBy(c => c.AsExpected))
        {
            html.Append(Finding(cell, input));
        }

        return html.Append("</body></html>\n").ToString();
    }

    // A sign for each memory model, then the variant they are of.
    private static string Marks(IGrouping<string, CellStatus> variant)
    {
        CellStatus[] cells = [.. variant];
        string label = variant.Key.Length > 0 ? variant.Key : cells[0].Verdict;
        return cells.Length == 1 ? Mark(cells[0], "&#160;" + Text(label)) : $"<span>{string.Concat(cells.Select(c => Mark(c, "")))}&#160;{Text(label)}</span>";
    }

    private static string Mark(CellStatus cell, string label)
    {
        string sign = cell.Verdict switch { "clean" => "✓", "racy" => "✗", _ => "…" };
        string title = (cell.Cell.Model.Length > 0 ? cell.Cell.Model + ": " : "") + $"{cell.Verdict} after {Number(cell.Schedules)} schedules" + (cell.AsExpected || cell.Verdict == "open" ? "" : $"; expected {cell.Cell.Expected}");
        string mark = $"<span class=\"{Class(cell)}\" title=\"{Text(title)}\">{sign}{label}</span>";
        return cell.Found is null ? mark : $"<a href=\"#{Text(Uri.EscapeDataString(cell.Cell.Name))}\">{mark}</a>";
    }

    private static string Finding(CellStatus cell, ReportInput input)
    {
        BlockResult found = cell.Found!;
        string picture = CampaignFile.ScheduleName(cell.Cell.Name).Replace(".schedule.json", ".html", StringComparison.Ordinal);
        string link = File.Exists(Path.Combine(input.Folder, picture)) ? $"<p><a href=\"{Text(Uri.EscapeDataString(picture))}\">the interleaving as a picture</a></p>" : "";
        return $"<details id=\"{Text(Uri.EscapeDataString(cell.Cell.Name))}\"><summary><span class=\"{Class(cell)}\">{Text(cell.Cell.Name)}</span> "
            + $"{found.Failure!.Kind}: {Text(Plain.OneLine(found.Failure.Message))}</summary>"
            + $"<p class=\"dim\">{Text(cell.FoundBy ?? "")}, schedule {Number(cell.Schedules)}</p>{link}"
            + (found.Schedule is null ? "" : $"<pre>{Text(input.Replay(cell))}</pre>")
            + Events(found.Schedule)
            + (found.Failure.Details.Length == 0 ? "" : $"<pre>{Text(found.Failure.Details)}</pre>") + "</details>\n";
    }

    // What led to it, so that the page says it without any other file.
    private static string Events(Schedule? schedule)
    {
        if (schedule is null)
        {
            return "";
        }

        int width = schedule.Threads.Max(t => t.Length);
        IEnumerable<string> lines = schedule.Steps.Select((step, i) => (step, i)).Skip(Math.Max(0, schedule.Steps.Count - MostEvents)).Select(x =>
        {
            Site site = schedule.Sites[x.step.Site];
            return $"{x.i + 1,6}  {schedule.Threads[x.step.Thread].PadRight(width)}  {site.Operation} {site.Location}  {site.Place}";
        });
        string before = schedule.Steps.Count > MostEvents ? $"the last {MostEvents} of {Number(schedule.Steps.Count)} events\n" : "";
        return $"<pre>{Text(before + string.Join('\n', lines))}</pre>";
    }

    private static string Class(CellStatus cell) => cell.Verdict == "open" ? "open" : cell.AsExpected ? cell.Verdict : "bad";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    // Control characters are no XML; the page is read as such by the tests.
    private static string Text(string text) => WebUtility.HtmlEncode(string.Concat(text.Where(c => System.Xml.XmlConvert.IsXmlChar(c))));
}
