using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Checker.Tracing;
using Verify.Cli.Output;

namespace Verify.Cli.Pictures;

/// <summary>What the page's script draws, as JSON: strings once each, events as short arrays, and of the sources only the lines that occur.</summary>
internal sealed class PictureData
{
    private const int LinesAround = 4;

    private readonly SourceLines _sources;
    private readonly Dictionary<string, int> _strings = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedSet<int>> _lines = new(StringComparer.Ordinal); // by file

    private PictureData(SourceLines sources) => _sources = sources;

    internal static string Json(
        Schedule schedule, string command, IReadOnlyList<(string Name, ExecutionTrace Trace)> traces, SourceLines sources)
    {
        var data = new PictureData(sources);
        var buffer = new ArrayBufferWriter<byte>();

        // The default encoder escapes < > & and quotes, so that nothing in a string can end the script element or look like markup.
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.Default }))
        {
            json.WriteStartObject();
            json.WriteString("test", Plain.OneLine(schedule.Test));
            json.WriteString("variant", Plain.OneLine(schedule.Variant));
            json.WriteString("kind", schedule.Failure.Kind.ToString());
            json.WriteString("command", Plain.OneLine(command));
            json.WriteString("found", Plain.OneLine($"found by {schedule.Strategy}, seed {schedule.Seed}, execution {schedule.Execution:N0}"));
            json.WriteStartArray("traces");
            foreach ((string name, ExecutionTrace trace) in traces)
            {
                data.Write(json, name, trace);
            }

            json.WriteEndArray();
            data.WriteSources(json);
            json.WriteStartArray("strings");
            foreach (string text in data._strings.OrderBy(s => s.Value).Select(s => s.Key))
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void Write(Utf8JsonWriter json, string name, ExecutionTrace trace)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("message", Plain.OneLine(trace.Failure.Message));
        json.WriteNumber("preemptions", trace.Preemptions);
        json.WriteStartArray("threads");
        foreach (string thread in trace.Threads)
        {
            json.WriteStringValue(Plain.OneLine(thread));
        }

        json.WriteEndArray();
        json.WriteStartArray("objects");
        foreach (TraceObject o in trace.Objects)
        {
            json.WriteStartArray();
            json.WriteStringValue(o.Kind.ToString());
            json.WriteStringValue(Plain.OneLine(o.Name));
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("stacks");
        foreach (IReadOnlyList<TraceFrame> stack in trace.Stacks)
        {
            json.WriteStartArray();
            foreach (TraceFrame frame in stack)
            {
                json.WriteNumberValue(Number(frame.Method));
                json.WriteNumberValue(Number(frame.File));
                json.WriteNumberValue(frame.Line);
                Need(frame.File, frame.Line);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        int[] folded = Stretches.Fold(trace);
        json.WriteStartArray("events");
        for (int i = 0; i < trace.Events.Count; i++)
        {
            WriteEvent(json, trace, trace.Events[i], folded[i]);
        }

        json.WriteEndArray();
        json.WriteStartArray("edges");
        foreach (TraceEdge edge in trace.Edges)
        {
            json.WriteStartArray();
            json.WriteNumberValue(edge.From);
            json.WriteNumberValue(edge.To);
            json.WriteStringValue(edge.Kind.ToString());
            json.WriteNumberValue(edge.Implied ? 1 : 0);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("marks");
        foreach (TraceMark mark in trace.Marks)
        {
            json.WriteStartArray();
            json.WriteStringValue(mark.Kind.ToString());
            json.WriteNumberValue(mark.Thread);
            json.WriteNumberValue(mark.Event);
            json.WriteStringValue(Plain.OneLine(mark.Text));
            json.WriteNumberValue(mark.Stack);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    // In the order that model.js reads.
    private void WriteEvent(Utf8JsonWriter json, ExecutionTrace trace, TraceEvent e, int folded)
    {
        Site site = e.Site;
        Need(site.File, site.Line);
        json.WriteStartArray();
        json.WriteNumberValue(e.Thread);
        json.WriteNumberValue(Number(EventText.ClassOf(e.Kind)));
        json.WriteNumberValue(Number(EventText.Of(trace, e)));
        json.WriteNumberValue(e.Object);
        json.WriteNumberValue(e.Before is null ? -1 : Number(e.Before));
        json.WriteNumberValue(e.Value is null ? -1 : Number(e.Value));
        json.WriteNumberValue(e.Stack);
        json.WriteNumberValue(e.WaitedSince);
        json.WriteNumberValue(e.Preempts ? 1 : 0);
        json.WriteNumberValue(folded);
        json.WriteNumberValue(Number(site.Operation));
        json.WriteNumberValue(Number(site.Method));
        json.WriteNumberValue(Number(site.File));
        json.WriteNumberValue(site.Line);
        json.WriteNumberValue(Number(e.Kind.ToString()));
        json.WriteEndArray();
    }

    private void WriteSources(Utf8JsonWriter json)
    {
        json.WriteStartObject("sources");
        foreach ((string file, SortedSet<int> wanted) in _lines)
        {
            string[] lines = _sources.Of(file);
            if (lines.Length == 0)
            {
                continue;
            }

            json.WriteStartObject(Number(file).ToString());
            foreach (int line in wanted.Where(l => l <= lines.Length))
            {
                json.WriteString(line.ToString(), Visible(lines[line - 1]));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void Need(string file, int line)
    {
        if (line <= 0)
        {
            return;
        }

        if (!_lines.TryGetValue(file, out SortedSet<int>? lines))
        {
            _lines.Add(file, lines = []);
        }

        for (int i = Math.Max(1, line - LinesAround); i <= line + LinesAround; i++)
        {
            lines.Add(i);
        }
    }

    private int Number(string text)
    {
        string clean = Visible(text);
        if (!_strings.TryGetValue(clean, out int number))
        {
            _strings.Add(clean, number = _strings.Count);
        }

        return number;
    }

    // Indentation stays, tabs as blanks; other control characters could reorder or hide what is shown.
    private static string Visible(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = Plain.Deceives(source[i]) ? ' ' : source[i];
            }
        });
}
