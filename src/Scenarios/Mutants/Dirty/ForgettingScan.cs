using Verify.Engine.Display;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>The scan as it was: after its answer it forgets every mapping it was told of, those too that came after the flush.</summary>
internal readonly struct ForgettingScan : IScanSteps
{
    public static bool KeepsNewMappings => false;
}
