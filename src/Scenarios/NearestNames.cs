namespace Verify.Scenarios;

/// <summary>What was meant, for an error message: the few names that look most like what was typed.</summary>
public static class NearestNames
{
    private const int Most = 5;

    /// <summary>"the nearest are a, b, c", or "there is a, b" when there are few.</summary>
    public static string List(string typed, IEnumerable<string> names)
    {
        string[] all = [.. names.Distinct()];
        string near = string.Join(", ", all.OrderBy(name => Rank(typed, name)).Take(Most));
        return all.Length <= Most ? "there is " + near : $"of {all.Length}, the nearest are {near}";
    }

    // Who types a part of a name means that name, however long the rest is.
    private static int Rank(string typed, string name)
    {
        bool part = typed.Length > 1 && name.Contains(typed, StringComparison.OrdinalIgnoreCase);
        return part ? name.Length - typed.Length - 1000 : Distance(typed, name);
    }

    // Levenshtein.
    private static int Distance(string a, string b)
    {
        int[] row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitute, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
