using System.Text.Json;

namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>Reads litmus files.</summary>
public static class LitmusParser
{
    /// <summary>All tests of a file's text.</summary>
    /// <exception cref="LitmusFormatException">The text is not of the form.</exception>
    public static IReadOnlyList<LitmusTest> Parse(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("tests", out JsonElement tests)
                || tests.ValueKind != JsonValueKind.Array)
            {
                throw new LitmusFormatException("A litmus file is an object with an array 'tests'; this one has none.");
            }

            List<LitmusTest> parsed = [];
            int position = 0;
            foreach (JsonElement test in tests.EnumerateArray())
                parsed.Add(new LitmusTestReader(test, position++).Read());
            string? twice = parsed.GroupBy(t => t.Name).FirstOrDefault(g => g.Count() > 1)?.Key;
            return twice == null ? parsed : throw new LitmusFormatException($"{twice}: two tests have this name; give each its own.");
        }
        catch (JsonException e)
        {
            throw new LitmusFormatException($"This is not JSON (line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}).");
        }
    }

    /// <summary>All tests of a file.</summary>
    /// <exception cref="LitmusFormatException">The file cannot be read or is not of the form; the message names the file.</exception>
    public static IReadOnlyList<LitmusTest> ParseFile(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new LitmusFormatException($"{path}: cannot be read ({e.Message}).");
        }

        try
        {
            return Parse(text);
        }
        catch (LitmusFormatException e)
        {
            throw new LitmusFormatException($"{path}: {e.Message}");
        }
    }
}
