using Verify.Checker.Runtime;

namespace Verify.Checker.Shrinking;

/// <summary>A choice that is not about threads, by a name that survives changes elsewhere in the schedule.</summary>
/// <param name="Kind">A choice of the program's, or a question of the memory machine.</param>
/// <param name="Thread">Whose operation it was about.</param>
/// <param name="Site">Where; see <see cref="SiteTable"/>.</param>
/// <param name="Occurrence">How many there have been before with the same kind, thread and site.</param>
internal readonly record struct ChoiceKey(OperationKind Kind, int Thread, int Site, int Occurrence);

/// <summary>Names the choices of an execution as they are made.</summary>
internal sealed class ChoiceCounter
{
    private readonly Dictionary<(OperationKind Kind, int Thread, int Site), int> _seen = [];

    internal ChoiceKey Next(OperationKind kind, int thread, int site)
    {
        int before = _seen.GetValueOrDefault((kind, thread, site));
        _seen[(kind, thread, site)] = before + 1;
        return new ChoiceKey(kind, thread, site, before);
    }
}
