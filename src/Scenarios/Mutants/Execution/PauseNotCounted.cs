using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Execution;

/// <summary>Mutant: whoever resumes the machine ends the pauses of all others too.</summary>
public readonly struct PauseNotCounted : IProtocol
{
    public static bool EndPause(ref int pauses)
    {
        pauses = 0; // the wrong line: one pause less
        return true;
    }
}
