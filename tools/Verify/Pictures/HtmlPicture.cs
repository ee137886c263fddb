using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Verify.Checker.Replay;
using Verify.Checker.Tracing;
using Verify.Cli.Output;

namespace Verify.Cli.Pictures;

/// <summary>A failure as one HTML page that needs nothing else: script, style and data are in it, and it is told to load nothing.</summary>
/// <remarks>
/// Names and messages come from the program under test and from schedule files, so none is trusted. They are in the page twice: as JSON whose markup
/// characters are escaped, put on screen by the script as text only, and as encoded text for readers without script. The content security policy
/// allows this script and this style, by hash, and nothing else. The page is well-formed XML, too.
/// </remarks>
internal static class HtmlPicture
{
    private const int TextWidth = 160;

    private static readonly string s_script = Section(string.Join("\n", new[] { "model.js", "draw.js", "panel.js", "app.js" }.Select(Read)), "//");
    private static readonly string s_style = Section(Read("picture.css"), "");

    /// <summary>The page.</summary>
    /// <param name="schedule">What it is about.</param>
    /// <param name="command">The command that replays it.</param>
    /// <param name="traces">What to show, the first one first.</param>
    /// <param name="sources">Where source lines come from.</param>
    internal static string Make(Schedule schedule, string command, IReadOnlyList<(string Name, ExecutionTrace Trace)> traces, SourceLines sources)
    {
        string title = Plain.OneLine($"{schedule.Failure.Kind}: {schedule.Test} {schedule.Variant}".TrimEnd());
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n");
        page.Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src '").Append(Hash(s_script));
        page.Append("'; style-src '").Append(Hash(s_style)).Append("'; base-uri 'none'; form-action 'none'\" />\n");
        page.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n");
        page.Append("<meta name=\"color-scheme\" content=\"light dark\" />\n");
        page.Append("<title>").Append(Encode(title)).Append("</title>\n<style>").Append(s_style).Append("</style>\n</head>\n<body>\n");
        page.Append("<div id=\"app\"></div>\n<noscript>\n<h1>").Append(Encode(title)).Append("</h1>\n<pre>");
        page.Append(Encode(AsText(traces[0].Trace))).Append("</pre>\n</noscript>\n");
        page.Append("<script type=\"application/json\" id=\"data\">");
        page.Append(PictureData.Json(schedule, command, traces, sources)).Append("</script>\n");
        page.Append("<script>").Append(s_script).Append("</script>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static string AsText(ExecutionTrace trace)
    {
        using var text = new StringWriter();
        TextPicture.Write(text, trace, TextWidth);
        return text.ToString();
    }

    // WebUtility leaves control characters alone, which XML does not allow at all.
    private static string Encode(string text) =>
        WebUtility.HtmlEncode(string.Concat(text.EnumerateRunes()
            .Select(r => r.Value == '\n' || !r.IsBmp || !Plain.Deceives((char)r.Value) ? r.ToString() : " ")));

    // In HTML the marks are a comment of the language inside; in XML they keep its < and & from being markup.
    private static string Section(string text, string comment)
    {
        (string open, string close) = comment.Length > 0 ? ("//<![CDATA[", "//]]>") : ("/*<![CDATA[*/", "/*]]>*/");
        return "\n" + open + "\n" + text + "\n" + close + "\n";
    }

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("pictures/" + name)
            ?? throw new InvalidOperationException($"{name} is not embedded: add it to Verify.csproj");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
