using System.Diagnostics;
using System.Text.RegularExpressions;
using Verify.Checker.Runtime;
using Verify.Checker.Shims;
using Verify.Cli.Subjects;
using Verify.Rewriter;
using Verify.Rewriter.Loading;
using Verify.Scenarios;

namespace Verify.Cli.Stress;

/// <summary>The engine and the scenarios with delays before their synchronization, run on real threads in this process.</summary>
internal sealed partial class StressSubject
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10); // an execution takes a millisecond or two; some machines are busy

    private readonly Func<string, string, Action> _body;

    internal StressSubject()
    {
        var program = RewrittenProgram.Load(
            [ScenarioSubject.EnginePath, typeof(ScenarioCatalog).Assembly.Location], new RewriteOptions { OnlyDelays = true });
        _body = program.Assembly(typeof(ScenarioCatalog).Assembly.GetName().Name!)
            .GetType(typeof(ScenarioCatalog).FullName!)!.GetMethod(nameof(ScenarioCatalog.Body), [typeof(string), typeof(string)])!
            .CreateDelegate<Func<string, string, Action>>();
    }

    /// <summary>Runs a variant again and again; every third time without delays, each time with threads on other processors.</summary>
    internal StressResult Run(StressRequest request)
    {
        Action body = _body(request.Scenario, request.Variant);
        var outcomes = new Dictionary<string, long>();
        var clock = Stopwatch.StartNew();
        long runs = 0, first = 0;
        do
        {
            ulong seed = request.Seed + ((ulong)runs * 0x9E3779B97F4A7C15);
            string? failure = null;
            var thread = new Thread(() =>
            {
                ProcessorAffinity.Move(seed >> 32);
                DelayShim.Choose(runs % 3 == 0 ? 0 : seed | 1);
                try
                {
                    body();
                }
                catch (Exception e)
                {
                    failure = Digits().Replace($"{e.GetType().Name}: {e.Message}", "#");
                }
            })
            { IsBackground = true };
            thread.Start();
            bool ended = thread.Join(s_patience);
            runs++;
            if (!ended || failure is not null)
            {
                string outcome = ended ? failure! : StressResult.Hang;
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
                first = first == 0 ? runs : first;
            }

            if (!ended)
            {
                return new StressResult(runs, clock.Elapsed.TotalSeconds, outcomes, first, Stuck: true);
            }
        }
        while (clock.Elapsed.TotalSeconds < request.Seconds);

        DelayShim.Choose(0);
        return new StressResult(runs, clock.Elapsed.TotalSeconds, outcomes, first, Stuck: false);
    }

    [GeneratedRegex("(0x)?[0-9a-f]*[0-9][0-9a-f]*")]
    private static partial Regex Digits();
}
