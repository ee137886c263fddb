using System.Globalization;
using Verify.Checker.Exploration;
using Verify.Rewriter;
using Verify.Rewriter.Loading;

namespace Verify.Benchmarks.Exploration;

/// <summary>How many schedules each exploration strategy needs to the first bug of the SCTBench programs; the table of docs/exploration.md.</summary>
internal static class SchedulesToBug
{
    /// <summary>Prints a Markdown table. Arguments: trials (20), most schedules (10000), strategies by comma, programs by comma (all).</summary>
    internal static void Run(string[] args)
    {
        int trials = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20;
        long limit = args.Length > 1 ? long.Parse(args[1], CultureInfo.InvariantCulture) : 10_000;
        string[] strategies = args.Length > 2 ? args[2].Split(',') : ["portfolio", "rff", "surw", "pos", "pct", "random"];
        RewrittenProgram program = RewrittenProgram.Load(
            [Path.Combine(AppContext.BaseDirectory, "Verify.Tests.Sct.dll")], new RewriteOptions());
        var programs = (IReadOnlyDictionary<string, Action>)program.Assembly("Verify.Tests.Sct")
            .GetType("Verify.Tests.Sct.SctCatalog")!.GetProperty("All")!.GetValue(null)!;

        Console.WriteLine("| program | " + string.Join(" | ", strategies) + " |");
        Console.WriteLine("|---|" + string.Concat(strategies.Select(_ => "---|")));
        foreach ((string name, Action body) in programs.Where(p => args.Length <= 3 || args[3].Split(',').Contains(p.Key)))
        {
            Console.WriteLine($"| {name} | {string.Join(" | ", strategies.Select(s => Cell(body, s, trials, limit)))} |");
        }
    }

    // "12±9", with "(17)" behind it when only 17 trials found the bug.
    private static string Cell(Action body, string strategy, int trials, long limit)
    {
        var found = new List<double>();
        for (int trial = 0; trial < trials; trial++)
        {
            ExplorationResult result = Explorer.Explore(
                body, new ExplorationOptions { Strategy = strategy, Seed = (ulong)trial, Schedules = limit });
            if (result.Failure is not null)
            {
                found.Add(result.Schedules);
            }
        }

        if (found.Count == 0)
        {
            return "–";
        }

        double mean = found.Average();
        double deviation = Math.Sqrt(found.Average(f => (f - mean) * (f - mean)));
        return string.Create(CultureInfo.InvariantCulture, $"{mean:F0}±{deviation:F0}") + (found.Count < trials ? $" ({found.Count})" : "");
    }
}
