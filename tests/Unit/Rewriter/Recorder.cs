using Verify.Checker.Runtime;

namespace Verify.Tests.Unit.Rewriter;

/// <summary>What the test shims were called with, on this thread.</summary>
internal static class Recorder
{
    [ThreadStatic]
    private static List<Site>? t_calls;

    internal static void Called(int site) => t_calls?.Add(SiteTable.Get(site));

    internal static IReadOnlyList<Site> During(Action action)
    {
        List<Site>? outer = t_calls;
        List<Site> calls = t_calls = [];
        try
        {
            action();
        }
        finally
        {
            t_calls = outer;
        }

        return calls;
    }
}
