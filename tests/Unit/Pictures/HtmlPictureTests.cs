using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Checker.Tracing;
using Verify.Cli.Pictures;
using Verify.Tests.Unit.Sct;

namespace Verify.Tests.Unit.Pictures;

public class HtmlPictureTests
{
    private const string Hostile =
        "</script><script>alert(1)</script><img src=x onerror=alert(2)>&amp;\"'`${alert(3)}\u202e\u0001\u001b[31m]]>--><!--";

    private static readonly SourceLines s_sources = new(typeof(Verify.Tests.Sct.SctCatalog).Assembly.Location);

    private static (Schedule Schedule, ExecutionTrace Trace) Failure(string name)
    {
        Action body = SctTests.Rewritten[name];
        Schedule schedule = Explorer.Explore(body, new ExplorationOptions { Strategy = "portfolio", Schedules = 10_000 }).Schedule!;
        return (schedule with { Test = name }, Tracer.Replay(body, schedule).Trace);
    }

    private static string Page(string name)
    {
        (Schedule schedule, ExecutionTrace trace) = Failure(name);
        return HtmlPicture.Make(schedule, "verify replay x", [("As found", trace)], s_sources);
    }

    // The page has a document type without a definition; nothing is resolved.
    private static XDocument Parse(string page) =>
        XDocument.Load(XmlReader.Create(new StringReader(page), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null }));

    private static IEnumerable<XElement> Elements(XDocument document, string name) => document.Descendants().Where(e => e.Name.LocalName == name);

    private static JsonElement Data(XDocument document) =>
        JsonDocument.Parse(Elements(document, "script").Single(s => s.Attribute("id")?.Value == "data").Value).RootElement;

    [Theory]
    [InlineData("wronglock")]
    [InlineData("deadlock01")]
    [InlineData("reorder_20")]
    [InlineData("work_stealing_queue")]
    public void The_page_is_well_formed_and_holds_every_event(string name)
    {
        (Schedule schedule, ExecutionTrace trace) = Failure(name);

        XDocument document = Parse(HtmlPicture.Make(schedule, "verify replay x", [("Shrunk", trace), ("As found", trace)], s_sources));

        JsonElement data = Data(document);
        Assert.Equal(2, data.GetProperty("traces").GetArrayLength());
        JsonElement shown = data.GetProperty("traces")[0];
        Assert.Equal(trace.Events.Count, shown.GetProperty("events").GetArrayLength());
        Assert.Equal(trace.Edges.Count, shown.GetProperty("edges").GetArrayLength());
        Assert.Equal(trace.Marks.Select(m => m.Text), shown.GetProperty("marks").EnumerateArray().Select(m => m[3].GetString()!));
        Assert.Contains(name, Elements(document, "title").Single().Value);
        Assert.Contains(trace.Threads[1], Elements(document, "noscript").Single().Value); // the text for readers without script
    }

    [Fact]
    public void The_page_loads_nothing()
    {
        string page = Page("wronglock");

        Assert.DoesNotMatch(@"\b(src|href|action|poster|data)\s*=\s*[""'][^""']", page);
        Assert.DoesNotMatch(@"url\s*\(|@import|fetch\s*\(|XMLHttpRequest|WebSocket|importScripts|\bimport\s*\(|sendBeacon", page);
        Assert.All(Regex.Matches(page, "https?:[^\"' ]*").Select(m => m.Value), u => Assert.StartsWith("http://www.w3.org/", u)); // names of XML
    }

    [Fact]
    public void The_policy_allows_the_pages_own_script_and_style_and_nothing_else()
    {
        XDocument document = Parse(Page("wronglock"));

        string policy = Elements(document, "meta").Single(m => m.Attribute("http-equiv") is not null).Attribute("content")!.Value;
        Assert.StartsWith("default-src 'none'; ", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.DoesNotContain("*", policy);
        string page = Page("wronglock"); // the raw text, as a browser hashes it
        Assert.All(
            [Content(page, "script"), Content(page, "style")],
            s => Assert.Contains(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(s))), policy));
    }

    private static string Content(string page, string element)
    {
        int start = page.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        return page[start..page.IndexOf($"</{element}>", start, StringComparison.Ordinal)];
    }

    [Fact]
    public void Hostile_names_are_text_wherever_they_come_from()
    {
        (Schedule schedule, ExecutionTrace trace) = Failure("wronglock");
        var failure = new Failure(FailureKind.Assertion, Hostile, 1, Hostile);
        TraceFrame[] frames = [new TraceFrame(Hostile, Hostile, 3)];
        var hostile = new ExecutionTrace
        {
            Threads = [.. trace.Threads.Select(_ => Hostile)],
            Objects = [.. trace.Objects.Select(o => o with { Name = Hostile })],
            Events =
            [
                .. trace.Events.Select(e => e with
                {
                    Site = new Site(Hostile, 0, Hostile, Hostile, 3),
                    Before = e.Before is null ? null : Hostile,
                    Value = e.Value is null ? null : Hostile,
                }),
            ],
            Edges = trace.Edges,
            Stacks = [.. trace.Stacks.Select(_ => frames)],
            Marks = [.. trace.Marks.Select(m => m with { Text = Hostile })],
            Failure = failure,
        };
        Schedule named = schedule with { Test = Hostile, Variant = Hostile, Strategy = Hostile, Failure = failure };

        string page = HtmlPicture.Make(named, Hostile, [(Hostile, hostile)], s_sources);

        XDocument document = Parse(page);
        Assert.Equal(2, Elements(document, "script").Count());
        Assert.Equal(2, Regex.Count(page, "<script", RegexOptions.IgnoreCase)); // as a browser counts, which knows nothing of XML
        Assert.Equal(2, Regex.Count(page, "</script", RegexOptions.IgnoreCase));
        Assert.DoesNotContain("<img", page);
        Assert.DoesNotContain("<!--", page);
        Assert.DoesNotContain(page, c => (char.IsControl(c) && c != '\n') || c == '\u202e');
        Assert.Contains("</script><script>alert(1)</script>", Data(document).GetProperty("traces")[0].GetProperty("message").GetString());
    }

    [Fact]
    public void The_script_never_makes_markup_of_text()
    {
        string page = Page("wronglock");

        Assert.DoesNotMatch(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setAttribute\('on", page);
    }

    [Fact]
    public void Source_lines_come_from_the_symbols()
    {
        (_, ExecutionTrace trace) = Failure("wronglock");
        TraceEvent e = trace.Events.First(e => e.Site.Operation == "Monitor.Enter");

        Assert.Contains("lock (", s_sources.Of(e.Site.File)[e.Site.Line - 1]);
        Assert.Empty(s_sources.Of("/no/such/file.cs"));
        Assert.Empty(new SourceLines("/no/such/assembly.dll").Of(e.Site.File));
    }
}
