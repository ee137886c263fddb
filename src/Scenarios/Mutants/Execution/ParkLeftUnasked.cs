using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Execution;

/// <summary>Mutant: a parked vCPU looks whether it may go on, and goes, and does not look again where it stops being parked.</summary>
public readonly struct ParkLeftUnasked : IProtocol
{
    public static bool LeavePark(bool mustStay) => true; // the wrong line
}
