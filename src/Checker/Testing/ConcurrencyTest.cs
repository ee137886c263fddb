using System.Diagnostics;
using System.Runtime.CompilerServices;
using Verify.Checker.Exploration;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;
using Verify.Checker.Shrinking;

namespace Verify.Checker.Testing;

/// <summary>Explores the schedules of a piece of code from within a test of any framework.</summary>
/// <remarks>
/// The test's assembly must have been rewritten, which the package Verify.Rewriter does after a build with <c>VerifyRewrite</c> set. One exploration
/// runs at a time in a process. Static fields keep their values from one execution to the next; a test that depends on them is reported as
/// <see cref="FailureKind.Nondeterminism"/> where its failure does not come back. <c>verify test</c> resets them.
/// </remarks>
public static class ConcurrencyTest
{
    /// <summary>Environment variable that names a schedule file: the test it was recorded from replays it instead of exploring.</summary>
    public const string ReplayVariable = "VERIFY_REPLAY";

    private static readonly Lock s_one = new();
    private static readonly TimeSpan s_shrinking = TimeSpan.FromSeconds(5);

    /// <summary>What is explored unless a test says otherwise: the portfolio, 1,000 schedules.</summary>
    public static ExplorationOptions DefaultOptions { get; } = new() { Strategy = "portfolio" };

    /// <summary>Runs the body under many schedules, until one fails or the limits are reached.</summary>
    /// <param name="body">The test; called once an execution. It starts anew each time: what it shares it makes itself.</param>
    /// <param name="options">Strategy and limits; null for <see cref="DefaultOptions"/>.</param>
    /// <param name="file">Filled in by the compiler; with <paramref name="member"/> it names the schedule file.</param>
    /// <param name="member">Filled in by the compiler.</param>
    /// <exception cref="ConcurrencyTestException">A schedule failed; it is in a file that the message names.</exception>
    /// <exception cref="InvalidOperationException">The body's assembly has not been rewritten, or not for what the options ask.</exception>
    /// <exception cref="ScheduleFormatException">The schedule file to be replayed cannot be read.</exception>
    public static void Run(Action body, ExplorationOptions? options = null, [CallerFilePath] string file = "", [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(body);
        options ??= DefaultOptions;
        string test = Path.GetFileNameWithoutExtension(file.Replace('\\', '/')) + "." + member;
        lock (s_one)
        {
            RewrittenModules.Check(body.Method.Module.Assembly, options.Memory);
            if (Environment.GetEnvironmentVariable(ReplayVariable) is { Length: > 0 } recorded && ScheduleReader.Load(recorded) is var schedule
                && schedule.Test == test)
            {
                Replay(body, schedule, recorded);
                return;
            }

            ExplorationResult result = Explorer.Explore(body, options);
            if (result.Failure is { } failure)
            {
                throw new ConcurrencyTestException(Describe(body, test, result, failure), failure, result.Schedules);
            }
        }
    }

    private static string Describe(Action body, string test, ExplorationResult result, Failure failure)
    {
        string found = $"{failure.Kind}: {failure.Message} (schedule {result.Schedules})";
        if (result.Schedule is not { } schedule)
        {
            return found;
        }

        ShrinkResult shrunk = Shrinker.Shrink(body, schedule, new ShrinkOptions { Budget = s_shrinking });
        string path = Path.Combine(AppContext.BaseDirectory, "verify-out", test + ".schedule.json");
        ScheduleWriter.Save(shrunk.Schedule with { Test = test, Modules = RewrittenModules.Versions() }, path);
        string size = shrunk.Refused is null ? $"{Environment.NewLine}  shrunk to {shrunk.After}" : "";
        return $"{found}{size}{Environment.NewLine}  replay: set {ReplayVariable}={path} and run this test again{Environment.NewLine}{shrunk.Schedule.Failure.Details}";
    }

    private static void Replay(Action body, Schedule schedule, string file)
    {
        ReplayResult result = Replayer.Replay(body, schedule, () =>
        {
            if (Debugger.IsAttached)
            {
                Debugger.Break();
            }
        });
        if (result is { Reproduced: true, Failure: { } failure })
        {
            throw new ConcurrencyTestException($"{failure.Kind}: {failure.Message} (replayed from {file}){Environment.NewLine}{failure.Details}", failure, 1);
        }

        string how = result.Divergence?.ToString() ?? $"it ends with {result.Failure?.Message ?? "no failure"}";
        string changed = RewrittenModules.DifferenceTo(schedule.Modules) is { } module ? $"; {module} has been built anew since" : "";
        throw new InvalidOperationException($"{file} does not replay: {how}{changed}. Unset {ReplayVariable} to explore.");
    }
}
