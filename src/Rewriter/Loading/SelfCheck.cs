using System.Reflection;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Rewriter.Sites;

namespace Verify.Rewriter.Loading;

/// <summary>Finds the race that the rewriter planted in each assembly, before anything is said about the assembly.</summary>
/// <remarks>
/// The race goes the way of the program's own: it is rewritten, loaded and explored with it. If it is not found, or its locked twin is blamed,
/// something on that way is broken, and a clean verdict would mean nothing.
/// </remarks>
internal static class SelfCheck
{
    private const int SchedulesToFind = 500;  // a lost update of two threads takes a random walk three or so
    private const int SchedulesToClear = 20;

    /// <exception cref="RewriteException">The race was not found, or there is none where there should be.</exception>
    internal static void Run(IEnumerable<Assembly> assemblies)
    {
        foreach (Assembly assembly in assemblies)
        {
            string name = assembly.GetName().Name!;
            MethodInfo entry = assembly.GetType(SiteClass.Namespace + "." + PlantedRace.Name)
                ?.GetMethod(PlantedRace.Entry, BindingFlags.Static | BindingFlags.NonPublic)
                ?? throw Broken(name, "the loaded assembly is not the one that was rewritten");
            Func<bool, int> run = entry.CreateDelegate<Func<bool, int>>();
            if (Explore(run, locked: false, SchedulesToFind) is not { Kind: FailureKind.Assertion })
            {
                throw Broken(name, $"a planted race was not found in {SchedulesToFind} schedules");
            }

            if (Explore(run, locked: true, SchedulesToClear) is { } blamed)
            {
                throw Broken(name, $"a planted race-free program was blamed ({blamed.Message})");
            }
        }
    }

    private static Failure? Explore(Func<bool, int> run, bool locked, int schedules) => Explorer.Explore(
        () =>
        {
            if (run(locked) != 2)
            {
                throw new PlantedRaceAssertionException();
            }
        },
        new ExplorationOptions { Schedules = schedules }).Failure;

    private static RewriteException Broken(string assembly, string what) => new(
        $"The self check failed for {assembly}: {what}. No verdict about it can be trusted; report this with the assembly.");

    private sealed class PlantedRaceAssertionException() : Exception("the planted race lost an update");
}
