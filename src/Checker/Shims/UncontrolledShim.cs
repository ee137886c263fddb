using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Thrown where rewritten code under control reaches a member that the checker does not model.</summary>
public sealed class UncontrolledCallException(string message) : Exception(message);

/// <summary>What the rewriter puts before a call it refused: under control, reaching it ends the execution with its name.</summary>
public static class UncontrolledShim
{
    /// <summary>Throws under control; does nothing off it.</summary>
    public static void Reached(string member, int site)
    {
        if (ControlledThread.Current is { Execution.Aborting: false })
        {
            throw new UncontrolledCallException($"{member} is not modelled by the checker and was reached at {SiteTable.Get(site).Place}");
        }
    }
}
