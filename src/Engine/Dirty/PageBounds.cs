namespace Verify.Engine.Dirty;

/// <summary>The one check of pages against the tracked memory.</summary>
internal static class PageBounds
{
    public static bool Contains(long pageCount, PageRange range) => range.Start >= 0 && range.Count >= 0 && range.Start <= pageCount - range.Count;

    public static void Throw(PageRange range, long pageCount) => throw new DirtyMemoryException(
        $"Pages {range.Start}..{range.End} are outside the {pageCount} tracked ones: call Extend before the memory becomes reachable.");
}
