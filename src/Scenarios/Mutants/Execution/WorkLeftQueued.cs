using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Execution;

/// <summary>Mutant: what is queued for a vCPU that is unplugged before it has run is left in the queue.</summary>
public readonly struct WorkLeftQueued : IProtocol
{
    public static void UnplugUnstarted(Action finishWork)
    {
        // the wrong line is the one that is not here
    }
}
