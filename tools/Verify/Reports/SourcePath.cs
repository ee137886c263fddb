namespace Verify.Cli.Reports;

/// <summary>Source files as symbols name them, for people and programs that have the checkout.</summary>
internal static class SourcePath
{
    // What a deterministic build puts in front (the SDK's own default with ContinuousIntegrationBuild, and this repository's).
    private const string Mapped = "/_/";

    /// <summary>The path relative to the checkout, with slashes; null when the symbols name a file elsewhere.</summary>
    internal static string? Relative(string file)
    {
        if (file.StartsWith(Mapped, StringComparison.Ordinal))
        {
            return file[Mapped.Length..];
        }

        string relative = Path.GetRelativePath(Environment.CurrentDirectory, file);
        return Path.IsPathRooted(relative) || relative.StartsWith("..", StringComparison.Ordinal) ? null : relative.Replace('\\', '/');
    }
}
