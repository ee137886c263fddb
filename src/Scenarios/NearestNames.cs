namespace Verify.Scenarios;

/// <summary>Lists names for an error message, those that look most like what was typed first.</summary>
internal static class NearestNames
{
    public static string List(string typed, IEnumerable<string> names) => string.Join(", ", names.OrderBy(name => Distance(typed, name)));

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
