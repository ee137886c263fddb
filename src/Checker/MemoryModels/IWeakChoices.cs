namespace Verify.Checker.MemoryModels;

/// <summary>
/// Answers the machine's two questions. Asked only when there is a choice; answer 0 is what a sequentially consistent machine does.
/// </summary>
/// <remarks>All time stamps derive from the answers: the same answers and the same schedule are the same execution.</remarks>
public interface IWeakChoices
{
    /// <summary>Which write a read returns.</summary>
    /// <param name="thread">The reading thread.</param>
    /// <param name="candidates">How many writes are admissible, at least 2. 0 is the newest matured one, the others go from new to old.</param>
    /// <param name="site">The caller's number for the place in the code.</param>
    /// <returns>0 to <paramref name="candidates"/> - 1.</returns>
    int ReadFrom(int thread, int candidates, int site);

    /// <summary>Where on the time line a write goes.</summary>
    /// <param name="thread">The writing thread.</param>
    /// <param name="slots">How many places there are, at least 2. 0 appends; the others are delays, or slots from new to old.</param>
    /// <param name="site">The caller's number for the place in the code.</param>
    /// <returns>0 to <paramref name="slots"/> - 1.</returns>
    int Place(int thread, int slots, int site);
}
