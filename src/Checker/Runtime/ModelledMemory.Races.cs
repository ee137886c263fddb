using Verify.Checker.Races;

namespace Verify.Checker.Runtime;

/// <content>Data races as findings.</content>
internal sealed unsafe partial class ModelledMemory
{
    private void OnRace(RaceReport report)
    {
    }
}
