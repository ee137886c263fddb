namespace Verify.Cli;

/// <summary>What the process returns; documented in the README.</summary>
internal static class ExitCodes
{
    /// <summary>Everything was as expected.</summary>
    internal const int Expected = 0;

    /// <summary>A race or a mismatch was found.</summary>
    internal const int Found = 1;

    /// <summary>The command line or a file given is wrong; one line on standard error says what to do.</summary>
    internal const int Input = 2;

    /// <summary>Interrupted; what was found until then has been written.</summary>
    internal const int Interrupted = 130;
}
