using Mono.Cecil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter;

/// <summary>The table <c>UncontrolledMembers.txt</c>: framework members that are refused or harmless when no shim stands in for them.</summary>
public static class UncontrolledMembers
{
    private static readonly Dictionary<string, Entry> s_exact = [];    // Namespace.Type.Member or with (ParameterTypes)
    private static readonly Dictionary<string, Entry> s_prefixes = []; // the text before the *, or Namespace.Type.

    static UncontrolledMembers()
    {
        foreach (string line in Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!line.StartsWith('#'))
            {
                Add(line);
            }
        }
    }

    /// <summary>The table as its file has it, for a user to read.</summary>
    public static string Text { get; } = ReadText();

    internal sealed record Entry(bool Harmless, string Reason, string Pattern)
    {
        internal bool IsNamespace => Pattern.EndsWith(".*", StringComparison.Ordinal);
    }

    /// <summary>The line that decides about a member, or null when none matches.</summary>
    internal static Entry? Find(string type, string member, string parameters)
    {
        string name = type + "." + member;
        if (s_exact.TryGetValue(name + "(" + parameters + ")", out Entry? entry) || s_exact.TryGetValue(name, out entry))
        {
            return entry;
        }

        for (int length = name.Length; length > 0; length--)
        {
            if (s_prefixes.TryGetValue(name[..length], out entry))
            {
                return entry;
            }
        }

        return null;
    }

    internal static Entry? Find(TypeReference declaringType, MethodReference method) =>
        Find(
            MemberNames.Table(declaringType),
            MemberNames.WithoutAccessor(method.Name),
            string.Join(",", method.Parameters.Select(p => MemberNames.Table(p.ParameterType))));

    private static void Add(string line)
    {
        int verdictEnd = line.IndexOf(' ', StringComparison.Ordinal);
        int reasonStart = line.IndexOf('|', StringComparison.Ordinal);
        string verdict = line[..verdictEnd];
        string pattern = line[verdictEnd..reasonStart].Trim();
        var entry = new Entry(verdict == "pass", line[(reasonStart + 1)..].Trim(), pattern);
        if (pattern.EndsWith('*'))
        {
            s_prefixes.Add(pattern[..^1], entry);
            return;
        }

        // Whether a name is a type or a member cannot be told from its spelling, so it is entered as both; no member is spelled like a type.
        s_exact.Add(pattern, entry);
        s_prefixes.TryAdd(pattern + ".", entry);
    }

    private static string ReadText()
    {
        using Stream stream = typeof(UncontrolledMembers).Assembly.GetManifestResourceStream("UncontrolledMembers.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
