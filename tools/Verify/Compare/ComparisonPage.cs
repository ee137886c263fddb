using System.Globalization;
using System.Net;
using System.Text;

namespace Verify.Cli.Compare;

/// <summary>A comparison as one HTML file that opens from disk: advice, verdicts with their replay commands, and a bar chart a cost.</summary>
internal static class ComparisonPage
{
    private const string Style = """
        :root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--dim:#667;--line:#d6dae0;--clean:#1a7f37;--racy:#b35900;--bar:#3b78c2;--no:#c9b3a0}
        @media(prefers-color-scheme:dark){:root{--fg:#e6e8eb;--bg:#15181c;--dim:#99a;--line:#343a42;--clean:#4cc36a;--racy:#f0a04b;--bar:#6aa5ea;--no:#6b5a48}}
        body{font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);margin:0 auto;max-width:80rem;padding:1rem}
        h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.2rem;margin:2rem 0 .4rem}h3{font-size:.95rem;margin:0 0 .2rem}
        .dim{color:var(--dim)}.clean{color:var(--clean);font-weight:600}.racy{color:var(--racy);font-weight:600}.bad{color:#cf222e;font-weight:600}
        ul{margin:.4rem 0;padding-left:1.2rem}.advice{border-left:4px solid var(--bar);padding:.1rem .8rem;margin:.6rem 0}
        .verdict{border-top:1px solid var(--line);padding:.3rem 0;overflow-wrap:anywhere}summary{cursor:pointer}
        code{font-size:13px}.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(24rem,100%),1fr));gap:1.2rem;margin-top:1rem}
        .on label{display:inline-block;padding:.15rem .7rem;border:1px solid var(--line);border-radius:1rem;cursor:pointer;margin:.6rem .3rem 0 0}
        .on input{position:absolute;opacity:0}.on label:has(:checked){background:var(--bar);color:var(--bg)}.on label:has(:focus-visible){outline:2px solid var(--fg)}
        section:has([value=interp]:checked) .x64,section:has([value=x64]:checked) .interp{display:none}
        svg{width:100%;height:auto;display:block}text{font:12px system-ui,sans-serif;fill:currentColor}.b{fill:var(--bar)}.n{fill:var(--no)}
        """;

    private const int Width = 380, Line = 34, Bar = 12;

    /// <summary>The page.</summary>
    internal static string Make(Comparison comparison)
    {
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>")
            .Append($"<title>verify compare</title><style>{Style}</style></head><body>\n<h1>Which design, and what does it cost?</h1>\n")
            .Append($"<p class=\"dim\">{Text(comparison.Host)}. Times are minima; ~ marks those whose median is more than 1.5 times as much")
            .Append(comparison.Quick ? ". Quick: a few iterations of each benchmark" : "").Append(". Pale bars: not sound.</p>\n");
        foreach (ComparisonGroup group in comparison.Groups)
        {
            html.Append($"<section><h2>{Text(group.Title)}</h2>\n<div class=\"advice\"><ul>")
                .Append(string.Concat(group.Advice.Select(a => $"<li>{Text(a)}</li>"))).Append("</ul></div>\n")
                .Append(string.Concat(group.Rows.Select(Verdict)))
                .Append(Switch(group))
                .Append("<div class=\"charts\">\n").Append(string.Concat(group.Columns.Select(c => Chart(group, c)))).Append("</div></section>\n");
        }

        return html.Append("</body></html>\n").ToString();
    }

    // Which back end's charts are shown; the others are there too, and without it all would be.
    private static string Switch(ComparisonGroup group)
    {
        string[] backends = [.. group.Columns.Select(c => c.Backend).Where(b => b.Length > 0).Distinct()];
        return backends.Length < 2 ? "" : "<div class=\"on\">Back end: "
            + string.Concat(backends.Append("both").Select((b, i) => $"<label><input type=\"radio\" name=\"on\" value=\"{b}\"{(i == 0 ? " checked=\"\"" : "")}/>{b}</label>"))
            + "</div>\n";
    }

    private static string Verdict(ComparisonRow row)
    {
        Soundness soundness = row.Soundness;
        string head = $"<b>{Text(row.Name)}</b> <span class=\"{(soundness.IsSound ? "clean" : "racy")}\">{soundness.Verdict}</span> "
            + $"<span class=\"dim\">in {soundness.Schedules.ToString("N0", CultureInfo.InvariantCulture)} schedules under {Text(string.Join(", ", soundness.Models))}"
            + (soundness.Verdict == "unsound" ? Text($", though {soundness.KnownFlaw}") : "") + (soundness.Open > 0 ? $", {soundness.Open} scenarios not finished" : "") + "</span>"
            + (soundness.AsExpected ? "" : " <span class=\"bad\">not as the catalogue says</span>");
        return soundness.Races.Count == 0
            ? $"<div class=\"verdict\">{head}</div>\n"
            : $"<details class=\"verdict\"><summary>{head}</summary><ul>" + string.Concat(soundness.Races.Select(r =>
                $"<li>{Text(r.Scenario)} ({Text(r.Model)}, schedule {r.Schedule.ToString("N0", CultureInfo.InvariantCulture)}): {Text(r.Message)}<br/><code>{Text(r.Replay)}</code></li>"))
                + "</ul></details>\n";
    }

    // The name above its bar: names are long, and phones are narrow.
    private static string Chart(ComparisonGroup group, CostColumn column)
    {
        ComparisonRow[] rows = [.. group.Rows.Where(r => r.Costs.ContainsKey(column.Key)).OrderBy(r => r.Costs[column.Key].Value)];
        double most = rows.Max(r => r.Costs[column.Key].Value);
        var svg = new StringBuilder($"<div class=\"{column.Backend}\"><h3>{Text(column.FullTitle)}</h3><svg viewBox=\"0 0 {Width} {rows.Length * Line}\" role=\"img\" aria-label=\"{Text(column.FullTitle)}\">");
        for (int i = 0; i < rows.Length; i++)
        {
            Cost cost = rows[i].Costs[column.Key];
            string width = Math.Max(1, cost.Value / Math.Max(most, 1e-9) * Width).ToString("0.#", CultureInfo.InvariantCulture);
            svg.Append($"<text x=\"0\" y=\"{(i * Line) + 13}\">{Text(rows[i].Name)}</text>")
                .Append($"<text x=\"{Width}\" y=\"{(i * Line) + 13}\" text-anchor=\"end\">{Text(Advice.Text(rows[i], column))}</text>")
                .Append($"<rect class=\"{(rows[i].Soundness.IsSound ? "b" : "n")}\" x=\"0\" y=\"{(i * Line) + 18}\" width=\"{width}\" height=\"{Bar}\" rx=\"2\"/>");
        }

        return svg.Append("</svg></div>\n").ToString();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(Output.Plain.OneLine(text));
}
