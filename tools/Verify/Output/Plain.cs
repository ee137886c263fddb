namespace Verify.Cli.Output;

/// <summary>Text from files and programs, made safe for a terminal.</summary>
internal static class Plain
{
    /// <summary>Whether a character could make text look like other text, or mean something to a terminal: controls, and changes of direction.</summary>
    internal static bool Deceives(char c) => char.IsControl(c) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or >= '\ufffe';

    /// <summary>The text on one line, without control characters: a schedule file could carry escape sequences.</summary>
    internal static string OneLine(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = Deceives(source[i]) ? ' ' : source[i];
            }
        }).Trim();

    /// <summary>Characters a line of standard output may have: the terminal's width, or what a log is read at.</summary>
    internal static int Width => Console.IsOutputRedirected || Console.WindowWidth <= 0 ? 140 : Console.WindowWidth;

    /// <summary>As <see cref="OneLine"/>, at most <paramref name="width"/> characters.</summary>
    internal static string Fit(string text, int width)
    {
        string line = OneLine(text);
        return line.Length <= width ? line : line[..(width - 1)] + "…";
    }
}
