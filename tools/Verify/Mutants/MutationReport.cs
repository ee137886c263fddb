using System.Text;
using System.Text.Json;
using Verify.Cli.Output;
using Verify.Rewriter.Mutation;

namespace Verify.Cli.Mutants;

/// <summary>What became of the defects, for a terminal, for a program and for the documentation.</summary>
internal static class MutationReport
{
    internal static string Place(MutationSite site) => site.Line > 0 ? Path.GetFileName(site.File) + ":" + site.Line : site.Mutation.Method;

    internal static string Text(IReadOnlyList<MutantResult> results, int planned, string file)
    {
        var text = new StringBuilder();
        foreach (MutantResult result in results.Where(r => r.Fate != Fate.Killed))
        {
            text.Append($"{result.Fate,-11} {result.Site.Mutation.Operator,-20} {Place(result.Site),-38} {result.Site.What}");
            text.Append(result.Fate == Fate.Survived ? $"  ({result.Variants} variants, {result.Schedules:N0} schedules)" : "")
                .Append(result.Fate == Fate.Invalid ? "  " + Plain.OneLine(result.Message) : "").Append('\n');
        }

        return text.Append($"{Summary(results)} {(results.Count < planned ? $"Interrupted: {planned - results.Count} were not tried. " : "")}The table is in {file}.\n").ToString();
    }

    internal static string Json(IReadOnlyList<MutantResult> results, int planned) => JsonSerializer.Serialize(
        new
        {
            planned,
            results = results.Select(r => new
            {
                @operator = r.Site.Mutation.Operator,
                method = r.Site.Mutation.Method,
                ordinal = r.Site.Mutation.Ordinal,
                file = r.Site.File,
                line = r.Site.Line,
                what = r.Site.What,
                fate = r.Fate.ToString(),
                by = r.By,
                message = r.Message,
                schedules = r.Schedules,
                variants = r.Variants,
            }),
        },
        Output.Json.Options) + "\n";

    internal static string Markdown(IReadOnlyList<MutantResult> results, MutationPlan plan)
    {
        var text = new StringBuilder();
        text.Append($"# Defects put into the engine, one at a time\n\n{Summary(results)} {plan.Schedules} schedules of the portfolio per defect and variant, seed {plan.Seed}.\n\n")
            .Append("| operator | killed | survived | not reached | invalid |\n|---|---:|---:|---:|---:|\n");
        foreach (var group in results.GroupBy(r => r.Site.Mutation.Operator))
        {
            text.Append($"| {group.Key} | {group.Count(r => r.Fate == Fate.Killed)} | {group.Count(r => r.Fate == Fate.Survived)} ")
                .Append($"| {group.Count(r => r.Fate == Fate.NotReached)} | {group.Count(r => r.Fate == Fate.Invalid)} |\n");
        }

        text.Append("\n| place | what | operator | fate | by | schedules |\n|---|---|---|---|---|---:|\n");
        foreach (MutantResult result in results)
        {
            text.Append($"| {Place(result.Site)} | {Escape(result.Site.What)} | {result.Site.Mutation.Operator} | {result.Fate} | {Escape(result.By)} | {result.Schedules} |\n");
        }

        return text.ToString();
    }

    private static string Summary(IReadOnlyList<MutantResult> results) =>
        $"{results.Count} defects: {results.Count(r => r.Fate == Fate.Killed)} killed, {results.Count(r => r.Fate == Fate.Survived)} survived, "
        + $"{results.Count(r => r.Fate == Fate.NotReached)} not reached by any scenario, {results.Count(r => r.Fate == Fate.Invalid)} invalid.";

    private static string Escape(string text) => Plain.OneLine(text).Replace("|", "\\|", StringComparison.Ordinal);
}
