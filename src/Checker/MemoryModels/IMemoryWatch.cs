namespace Verify.Checker.MemoryModels;

/// <summary>A write in the history of a location, as an explanation names it.</summary>
/// <param name="Thread">Who wrote; -1 for the initial value or a writer that was not instrumented.</param>
/// <param name="Site">Where; -1 if unknown.</param>
/// <param name="Time">When it takes effect.</param>
internal readonly record struct WriteMark(int Thread, int Site, long Time);

/// <summary>Told at what times accesses are performed; for explanations of one execution, never while exploring.</summary>
internal interface IMemoryWatch
{
    /// <param name="thread">The reading thread.</param>
    /// <param name="site">Where.</param>
    /// <param name="time">When it was performed.</param>
    /// <param name="returned">The write it returned.</param>
    /// <param name="newest">The newest write to the location; the same if it returned that.</param>
    void OnRead(int thread, int site, long time, WriteMark returned, WriteMark newest);

    void OnWrite(int thread, int site, long time);
}
