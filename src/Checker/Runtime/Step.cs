namespace Verify.Checker.Runtime;

/// <summary>One event of an execution: which thread did what, where. The sequence of them is the schedule.</summary>
/// <param name="Thread">Number of the thread, in order of creation; 0 is the test body.</param>
/// <param name="Site">Where; see <see cref="SiteTable"/>.</param>
/// <param name="Kind">What.</param>
/// <param name="Value">
/// The answer of a <see cref="OperationKind.Choice"/>; question and answer of a <see cref="OperationKind.ReadFrom"/> or
/// <see cref="OperationKind.Place"/>; otherwise 0.
/// </param>
public readonly record struct Step(int Thread, int Site, OperationKind Kind, int Value)
{
    private const int AnswerBits = 12;

    /// <summary>Highest number of a recorded question between two events; later ones are answered as under sequential consistency.</summary>
    internal const int MostQuestions = (1 << (31 - AnswerBits)) - 1;

    /// <summary>Highest answer of the memory machine that can be recorded.</summary>
    internal const int MostAnswer = (1 << AnswerBits) - 1;

    /// <summary>Whether this is an answer of the memory machine other than 0, which alone are recorded, and not an event of a thread.</summary>
    public bool IsWeak => Kind is OperationKind.ReadFrom or OperationKind.Place;

    /// <summary>Which of the machine's questions since the last event it answers, from 0.</summary>
    public int Question => IsWeak ? Value >> AnswerBits : 0;

    /// <summary>What was answered, for a choice of any kind.</summary>
    public int Answer => IsWeak ? Value & MostAnswer : Value;

    internal static int WeakValue(int question, int answer) => (question << AnswerBits) | answer;
}
