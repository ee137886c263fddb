using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Verify.Checker.Runtime;

namespace Verify.Checker.Replay;

/// <summary>Writes a schedule as JSON that people can read: one line a site, one line an event.</summary>
public static class ScheduleWriter
{
    /// <summary>Value of the property <c>format</c>.</summary>
    public const string Format = "verify-schedule";

    /// <summary>Value of the property <c>version</c>. A reader refuses any other.</summary>
    public const int Version = 1;

    private static readonly JsonWriterOptions s_options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the file whole or not at all: a reader never sees half of one.</summary>
    public static void Save(Schedule schedule, string path)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string partial = full + "." + Environment.ProcessId + ".partial";
        File.WriteAllText(partial, ToJson(schedule));
        File.Move(partial, full, overwrite: true);
    }

    /// <summary>The text of the file.</summary>
    public static string ToJson(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_options))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("version", Version);
            json.WriteString("test", schedule.Test);
            json.WriteString("variant", schedule.Variant);
            json.WriteStartObject("found");
            json.WriteString("strategy", schedule.Strategy);
            json.WriteNumber("seed", schedule.Seed);
            json.WriteNumber("execution", schedule.Execution);
            json.WriteNumber("maxSteps", schedule.MaxSteps);
            if (schedule.Memory != MemoryOptions.Default)
            {
                json.WriteString("memory", MemoryOptionsText.Format(schedule.Memory));
            }

            json.WriteEndObject();
            json.WriteStartObject("failure");
            json.WriteString("kind", schedule.Failure.Kind.ToString());
            json.WriteString("message", schedule.Failure.Message);
            json.WriteNumber("thread", schedule.Failure.Thread);
            json.WriteString("details", schedule.Failure.Details);
            json.WriteEndObject();
            json.WriteString("digest", schedule.Digest.ToString("x16"));
            json.WriteStartObject("modules");
            foreach ((string name, string version) in schedule.Modules.OrderBy(m => m.Key, StringComparer.Ordinal))
            {
                json.WriteString(name, version);
            }

            json.WriteEndObject();
            json.WriteStartArray("threads");
            foreach (string thread in schedule.Threads)
            {
                json.WriteStringValue(thread);
            }

            json.WriteEndArray();
            json.WriteStartArray("sites");
            foreach (Site site in schedule.Sites)
            {
                json.WriteStringValue(FormatSite(site));
            }

            json.WriteEndArray();
            json.WriteStartArray("steps");
            foreach (Step step in schedule.Steps)
            {
                json.WriteStringValue(FormatStep(step));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    // "Volatile.Read | Verify.Engine.X.Method(Int32)#3 | X.cs:44"
    private static string FormatSite(Site site) =>
        $"{site.Operation} | {site.StableName} | {(site.Line > 0 ? Path.GetFileName(site.File) + ":" + site.Line : "")}";

    // "1 VolatileRead @12"; for a choice "1 Choice @12 =1"; for the answer to the memory machine's question 3 since the event before
    // "1 ReadFrom @12 =1 #3".
    private static string FormatStep(in Step step) =>
        $"{step.Thread} {step.Kind} @{step.Site}"
        + (step.IsWeak ? $" ={step.Answer} #{step.Question}" : step.Kind == OperationKind.Choice ? " =" + step.Value : "");
}
