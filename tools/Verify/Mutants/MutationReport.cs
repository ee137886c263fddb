using System.Text;
using System.Text.Json;
using Verify.Checker.Runtime;
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
        foreach (MutantResult result in results.Where(r => r.Fate != Fate.Killed && !IsAccepted(r)))
        {
            text.Append($"{result.Fate,-11} {result.Site.Mutation.Operator,-20} {Place(result.Site),-38} {result.Site.What}");
            text.Append(result.Fate == Fate.Survived ? $"  ({result.Variants} variants, {result.Schedules:N0} schedules)" : "")
                .Append(result.Fate == Fate.Invalid ? "  " + Plain.OneLine(result.Message) : "").Append('\n');
        }

        foreach (MutantResult result in results.Where(r => r.Fate == Fate.Killed && SurvivorList.Of(r.Site) is not null))
        {
            text.Append($"{result.Site.Mutation.Operator} at {Place(result.Site)} is listed as a survivor ({SurvivorList.Of(result.Site)!.Class}), ")
                .Append($"but {result.By} kills it; take it off the list if its other places in the method are killed too.\n");
        }

        return text.Append($"{Summary(results)} {(results.Count < planned ? $"Interrupted: {planned - results.Count} were not tried; go on with --resume. " : "")}")
            .Append($"The table is in {file}.\n").ToString();
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
                accepted = SurvivorList.Of(r.Site)?.Class,
                by = r.By,
                under = r.Under,
                message = r.Message,
                schedules = r.Schedules,
                seconds = r.Seconds,
                carried = r.IsCarried,
                variants = r.Variants,
            }),
        },
        Output.Json.Options) + "\n";

    internal static string Markdown(IReadOnlyList<MutantResult> results, int planned, MutationPlan plan)
    {
        var text = new StringBuilder();
        text.Append("# Defects put into the engine, one at a time\n\n");
        text.Append("Made by `verify mutate --markdown docs/mutation.md`. Each defect is one change of one place of the engine, made in the IL before it is rewritten for\n");
        text.Append("the checker; the sound variants that reach the place are explored, and a failure that the unchanged engine does not have under the same schedules\n");
        text.Append($"kills it. At most {plan.Schedules:N0} schedules a defect over all those variants, seed {plan.Seed}.\n\n{Summary(results)}");
        int carried = results.Count(r => r.IsCarried);
        text.Append(carried == 0
            ? $" All of one build: {MutationBuild.Text(MutationBuild.Current)}."
            : $" {carried} were decided by earlier builds, whose method was the same, and carried over; the others by {MutationBuild.Text(MutationBuild.Current)}.");
        text.Append(planned > results.Count ? $" {planned - results.Count} more places were not tried.\n\n" : "\n\n");
        text.Append("| operator | looked for under | killed | survived | not reached | invalid |\n|---|---|---:|---:|---:|---:|\n");
        foreach (var (name, _, under) in MutationCatalog.All)
        {
            MutantResult[] of = [.. results.Where(r => r.Site.Mutation.Operator == name)];
            text.Append($"| {name} | {string.Join("; ", under.Select(MemoryOptionsText.Format))} | {of.Count(r => r.Fate == Fate.Killed)} ")
                .Append($"| {of.Count(r => r.Fate == Fate.Survived)} | {of.Count(r => r.Fate == Fate.NotReached)} | {of.Count(r => r.Fate == Fate.Invalid)} |\n");
        }

        text.Append("\n## Survived\n\nWhy is judged by reading the code; it is not proved. Classes, with how many there are: ");
        text.Append(string.Join("; ", SurvivorList.Classes.Where(c => c.Key != SurvivorList.NotReached).Select(
            c => $"{c.Key} ({results.Count(r => r.Fate == Fate.Survived && SurvivorList.Of(r.Site)?.Class == c.Key)}): {c.Value}"))).Append(".\n\n");
        text.Append("| place | what | operator | variants | class | reason |\n|---|---|---|---:|---|---|\n");
        foreach (MutantResult result in results.Where(r => r.Fate is Fate.Survived or Fate.Invalid))
        {
            Survivor? known = SurvivorList.Of(result.Site);
            string reason = result.Fate == Fate.Invalid ? result.Message : known?.Reason ?? "";
            text.Append($"| {Place(result.Site)} | {Escape(result.Site.What)} | {result.Site.Mutation.Operator} | {result.Variants} ")
                .Append($"| {(result.Fate == Fate.Invalid ? "invalid program" : known?.Class ?? "not classified")} | {Escape(reason)} |\n");
        }

        text.Append("\n## Not reached\n\nPlaces that no sound variant executes, and why.\n\n| place | what | operator | reason |\n|---|---|---|---|\n");
        foreach (MutantResult result in results.Where(r => r.Fate == Fate.NotReached))
        {
            text.Append($"| {Place(result.Site)} | {Escape(result.Site.What)} | {result.Site.Mutation.Operator} ")
                .Append($"| {Escape(SurvivorList.Of(result.Site)?.Reason ?? "a scenario is missing")} |\n");
        }

        text.Append("\n## Killed\n\n| place | what | operator | by | under | schedules | as |\n|---|---|---|---|---|---:|---|\n");
        foreach (MutantResult result in results.Where(r => r.Fate == Fate.Killed))
        {
            text.Append($"| {Place(result.Site)} | {Escape(result.Site.What)} | {result.Site.Mutation.Operator} | {result.By} | {result.Under} ")
                .Append($"| {result.Schedules} | {Escape(result.Message.Split(':')[0])} |\n");
        }

        return text.ToString();
    }

    /// <summary>Whether it is known why nothing kills the defect: no scenario goes there, or the list of survivors says why.</summary>
    internal static bool IsAccepted(MutantResult result) =>
        result.Fate == Fate.NotReached || (result.Fate == Fate.Survived && SurvivorList.Of(result.Site) is { Class: not SurvivorList.NotReached });

    private static string Summary(IReadOnlyList<MutantResult> results)
    {
        MutantResult[] survived = [.. results.Where(r => r.Fate == Fate.Survived)];
        return $"{results.Count} defects: {results.Count(r => r.Fate == Fate.Killed)} killed, {results.Count(r => r.Fate == Fate.Survived)} survived, "
            + $"{results.Count(r => r.Fate == Fate.NotReached)} not reached by any scenario, {results.Count(r => r.Fate == Fate.Invalid)} invalid. "
            + $"Of those that survived {survived.Count(IsAccepted)} are classified with a reason.";
    }

    private static string Escape(string text) => Plain.OneLine(text).Replace("|", "\\|", StringComparison.Ordinal);
}
