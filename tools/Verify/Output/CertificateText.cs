using System.Globalization;
using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Checker.Runtime;

namespace Verify.Cli.Output;

/// <summary>What was explored: the certificate of a search that ended, how far one came that did not, what the sampling strategies went through.</summary>
internal static class CertificateText
{
    /// <summary>How far a search is, on the line that shows progress.</summary>
    internal static string Progress(CampaignCell cell, SearchProgress search) =>
        Spectre.Console.Markup.Escape($"{cell.Name}: {search.Executions:N0} executions{At(search.Bound)}, {Share(search.Explored, search.Estimate)}");

    /// <summary>A line for each search, and one for all that was sampled.</summary>
    internal static void Write(TextWriter output, CampaignState state, string folder)
    {
        CellStatus[] cells = state.Statuses();
        foreach (CellStatus cell in cells.Where(c => c.Found is null))
        {
            foreach (Certificate certificate in cell.Certificates)
            {
                string file = Path.Combine(folder, CertificateFile.Name(cell.Cell.Name, certificate.Strategy));
                output.WriteLine($"{cell.Cell.Name}: {Line(certificate)}\n    {file}");
            }

            foreach (SearchStatus search in cell.Searches.Where(s => s.Explored < 1 || cell.Certificates.All(c => c.Strategy != s.Strategy)))
            {
                output.WriteLine($"{cell.Cell.Name}: {search.Strategy} did not end{At(search.Bound)}: {search.Executions:N0} executions, "
                    + $"{Share(search.Explored, search.Estimate)}; --schedules sets how many it may run");
            }
        }

        string[] sampled =
        [
            .. cells.SelectMany(c => c.Coverage.Where(IsSampled).Select(s => (Coverage: s, Cell: c)))
                .GroupBy(s => s.Coverage.Strategy)
                .Select(g => $"{g.Key} {g.Sum(s => s.Coverage.Schedules):N0} schedules{Traces([.. g])}"),
        ];
        if (sampled.Length > 0)
        {
            output.WriteLine("Covered: " + string.Join("; ", sampled) + ".");
        }
    }

    /// <summary>How many classes of executions only this strategy met; null where they are not told apart.</summary>
    internal static long? Alone(StrategyCoverage strategy, IReadOnlyList<StrategyCoverage> all)
    {
        TraceSet? every = StrategyCoverage.Union(all.Select(c => c.Traces));
        StrategyCoverage[] others = [.. all.Where(c => c != strategy)];
        return every is null ? null : others.Length == 0 ? every.Count : Math.Clamp(every.Count - StrategyCoverage.Union(others.Select(c => c.Traces))!.Count, 0, strategy.Traces!.Count); // of many, both counts are estimates
    }

    /// <summary>The certificate as it stands in <c>--json</c>.</summary>
    internal static object ToJson(Certificate certificate, string folder, string cell) => new
    {
        strategy = certificate.Strategy,
        claim = certificate.Claim,
        memory = MemoryOptionsText.Format(certificate.Memory),
        preemptions = certificate.Preemptions,
        weakAnswers = certificate.WeakAnswers,
        executions = certificate.Executions,
        classes = certificate.Classes,
        blocked = certificate.Blocked,
        states = certificate.States,
        digest = certificate.Digest,
        file = Path.Combine(folder, CertificateFile.Name(cell, certificate.Strategy)),
    };

    /// <summary>The certificate in a line.</summary>
    internal static string Line(Certificate certificate)
    {
        string classes = certificate.Classes is { } count ? $" of {count:N0} classes" : "";
        string states = certificate.States > 0 ? $", {certificate.States:N0} states" : "";
        string blocked = certificate.Blocked > 0 ? $", {certificate.Blocked:N0} cut short" : "";
        string points = certificate.Memory.PlainPoints ? "" : "; switching at synchronization only";
        return $"{certificate.Claim}: {certificate.Strategy} under {certificate.Memory.Machine.Model.Name}, {certificate.Executions:N0} executions{classes}"
            + $"{states}{blocked}{points}; digest {certificate.Digest}";
    }

    /// <summary>All that a certificate says, a line each.</summary>
    internal static void WriteWhole(TextWriter output, Certificate certificate)
    {
        output.WriteLine($"{certificate.Test}{(certificate.Variant.Length == 0 ? "" : "/" + certificate.Variant)}");
        output.WriteLine(Line(certificate));
        output.WriteLine($"memory {MemoryOptionsText.Format(certificate.Memory)}, at most {certificate.MaxSteps:N0} steps an execution");
        foreach ((string module, string version) in certificate.Modules.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"{module} {version}");
        }
    }

    private static bool IsSampled(StrategyCoverage coverage) =>
        StrategyCatalog.Find(coverage.Strategy) is { Splits: StrategyCatalog.Splitting.BySeed };

    private static string Traces((StrategyCoverage Coverage, CellStatus Cell)[] parts)
    {
        if (parts.Any(p => p.Coverage.Traces is null))
        {
            return "";
        }

        string about = parts.All(p => p.Coverage.Traces!.IsExact) ? "" : "about ";
        long alone = parts.Sum(p => Alone(p.Coverage, p.Cell.Coverage) ?? 0);
        return $" of {about}{parts.Sum(p => p.Coverage.Traces!.Count):N0} classes ({alone:N0} it alone)";
    }

    private static string At(int? bound) => bound is { } preemptions ? $" at preemption bound {preemptions}" : "";

    private static string Share(double explored, double? estimate) => estimate is { } all && all < 1e12
        ? string.Create(CultureInfo.InvariantCulture, $"an estimated {100 * explored:0.##}% of {all:N0}")
        : "of far more than can be run";
}
