namespace Verify.Checker.MemoryModels;

/// <summary>Always answer 0: the sequentially consistent execution of the schedule.</summary>
public sealed class SequentialChoices : IWeakChoices
{
    public static readonly SequentialChoices Instance = new();

    public int ReadFrom(int thread, int candidates, int site) => 0;

    public int Place(int thread, int slots, int site) => 0;
}
