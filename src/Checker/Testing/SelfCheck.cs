using System.Reflection;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;

namespace Verify.Checker.Testing;

/// <summary>Finds the race that the rewriter planted in an assembly, before anything is said about the assembly.</summary>
/// <remarks>
/// The race goes the way of the program's own: it is rewritten, loaded and explored with it. If it is not found, or its locked twin is blamed,
/// something on that way is broken, and a clean verdict would mean nothing.
/// </remarks>
public static class SelfCheck
{
    /// <summary>Full name of the planted class.</summary>
    public const string PlantedType = "<Verify>.PlantedRace";

    /// <summary>Its method that runs two threads and returns what they counted: <c>static int Run(bool locked)</c>.</summary>
    public const string Entry = "Run";

    private const int SchedulesToFind = 500;  // a lost update of two threads takes a random walk three or so
    private const int SchedulesToClear = 20;

    /// <summary>What is wrong with the control of an assembly, in one line; null when its planted race was found, and nothing else.</summary>
    public static string? Problem(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        if (assembly.GetType(PlantedType)?.GetMethod(Entry, BindingFlags.Static | BindingFlags.NonPublic) is not { } entry)
        {
            return "the loaded assembly is not the one that was rewritten";
        }

        Func<bool, int> run = entry.CreateDelegate<Func<bool, int>>();
        return Explore(run, locked: false, SchedulesToFind) is not { Kind: FailureKind.Assertion }
            ? $"a planted race was not found in {SchedulesToFind} schedules"
            : Explore(run, locked: true, SchedulesToClear) is { } blamed ? $"a planted race-free program was blamed ({blamed.Message})"
            : null;
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

    private sealed class PlantedRaceAssertionException() : Exception("the planted race lost an update");
}
