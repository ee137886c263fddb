using System.Text.Json;
using Spectre.Console;
using Verify.Checker.Campaigns;
using Verify.Checker.Runtime;

namespace Verify.Cli.Output;

/// <summary>What a campaign showed, as a table or as JSON.</summary>
internal static class CampaignText
{
    /// <summary>Rows the table of all verdicts may have; a bigger campaign shows the matrix.</summary>
    internal const int MostRows = 60;

    private const int MostFindings = 20; // told one by one, whether expected or not

    /// <summary>How far a campaign came.</summary>
    internal enum Ending
    {
        Complete,
        Interrupted,
        BudgetSpent,
        Shard,
    }

    // With --races report a race is not a verdict; it is told beside the table.
    private static void WriteRaces(CampaignState state)
    {
        if (state.Plan.Options.Memory.Races != RaceMode.Report)
        {
            return;
        }

        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach ((int cell, _, BlockResult result) in state.Results)
        {
            foreach (string race in result.Races.Where(r => told.Add(cell + r)))
            {
                Console.WriteLine($"{state.Plan.Cells[cell].Name}: {Plain.OneLine(race)}");
            }
        }

        if (told.Count == 0)
        {
            Console.WriteLine("No data races.");
        }
    }

    /// <param name="state">The campaign.</param>
    /// <param name="ending">Whether open cells are the user's doing.</param>
    /// <param name="models">Memory models, the plan's own first.</param>
    /// <param name="folder">Where the schedule files are.</param>
    /// <param name="replay">The command that replays a file, such as <c>verify replay FILE</c>.</param>
    internal static void WriteTable(CampaignState state, Ending ending, IReadOnlyList<string> models, string folder, Func<string, string> replay)
    {
        CellStatus[] cells = state.Statuses();
        bool expectations = cells.Any(c => c.Cell.Expected.Length > 0);
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 200; // a log has no width to fit
        }

        if (cells.Length > MostRows)
        {
            AnsiConsole.Write(new CampaignMatrix(cells, models).Draw(AnsiConsole.Profile.Width, int.MaxValue / 100));
            Console.WriteLine(CampaignMatrix.Legend);
            WriteRows([.. cells.Where(c => c.Verdict != "open" && !c.AsExpected)], models, expectations);
        }
        else
        {
            WriteRows(cells, models, expectations);
        }

        WriteRaces(state);
        CertificateText.Write(Console.Out, state, folder);
        CellStatus[] found = [.. cells.Where(c => c.Found is not null)];
        CellStatus[] told = found.Length > MostFindings ? [.. found.Where(c => !c.AsExpected)] : found;
        foreach (CellStatus cell in told)
        {
            BlockResult finding = cell.Found!;
            string file = finding.Schedule is null ? "" : "\n    " + replay(Path.Combine(folder, CampaignFile.ScheduleName(cell.Cell.Name)));
            Console.WriteLine($"{cell.Cell.Name}: {finding.Failure!.Kind}: {Plain.OneLine(finding.Failure.Message)} ({cell.FoundBy}, schedule {cell.Schedules:N0}){file}");
        }

        if (told.Length < found.Length)
        {
            Console.WriteLine($"{found.Length - told.Length:N0} expected failures were found; each has its schedule in {folder}, and a line in a report (--format).");
        }

        Console.WriteLine(Conclusion(cells, ending, expectations));
    }

    private static void WriteRows(CellStatus[] cells, IReadOnlyList<string> models, bool expectations)
    {
        if (cells.Length == 0)
        {
            return;
        }

        bool variants = cells.Any(c => c.Cell.Variant.Length > 0);
        var table = new Table().Border(Console.IsOutputRedirected ? TableBorder.Ascii : TableBorder.Rounded);
        string[] columns =
            ["test", .. variants ? ["variant"] : (string[])[], .. models.Count > 1 ? ["model"] : (string[])[], "schedules", "decisions/s", "verdict", .. expectations ? ["expected"] : (string[])[]];
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(column).NoWrap());
        }

        foreach (CellStatus cell in cells)
        {
            string colour = cell.Verdict == "open" ? "grey" : !cell.AsExpected ? "red" : cell.Found is null ? "green" : "yellow";
            string expected = cell.Verdict == "open" ? "" : cell.AsExpected ? "as expected" : $"[red]expected {Markup.Escape(Expectation(cell))}[/]";
            table.AddRow(
            [
                Markup.Escape(cell.Cell.Test),
                .. variants ? [Markup.Escape(cell.Cell.Variant)] : (string[])[],
                .. models.Count > 1 ? [cell.Cell.Model.Length == 0 ? models[0] : cell.Cell.Model] : (string[])[],
                cell.Schedules.ToString("N0"),
                (cell.Decisions / Math.Max(cell.Seconds, 1e-6)).ToString("N0"),
                $"[{colour}]{cell.Verdict}[/]",
                .. expectations ? [expected] : (string[])[],
            ]);
        }

        AnsiConsole.Write(table);
    }

    internal static void WriteJson(CampaignState state, Ending ending, string folder) =>
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                interrupted = ending == Ending.Interrupted,
                complete = state.Statuses().All(c => c.Complete),
                results = state.Statuses().Select(c => new
                {
                    scenario = c.Cell.Test,
                    variant = c.Cell.Variant,
                    model = c.Cell.Model.Length == 0 ? state.Plan.Options.Memory.Machine.Model.Name : c.Cell.Model,
                    schedules = c.Schedules,
                    decisions = c.Decisions,
                    seconds = Math.Round(c.Seconds, 3),
                    verdict = c.Verdict,
                    expected = c.Cell.Expected,
                    asExpected = c.AsExpected,
                    exhausted = c.Exhausted,
                    unfinished = c.Unfinished,
                    certificates = c.Certificates.Select(p => CertificateText.ToJson(p, folder, c.Cell.Name)),
                    searches = c.Searches.Select(p => new
                    {
                        strategy = p.Strategy,
                        bound = p.Bound,
                        executions = p.Executions,
                        explored = Math.Round(p.Explored, 6),
                        estimate = p.Estimate is { } estimate && estimate < 1e15 ? Math.Round(estimate) : (double?)null,
                    }),
                    covered = c.Coverage.Select(p => new
                    {
                        strategy = p.Strategy,
                        schedules = p.Schedules,
                        decisions = p.Decisions,
                        traces = p.Traces?.Count,
                        exact = p.Traces?.IsExact,
                        alone = CertificateText.Alone(p, c.Coverage),
                    }),
                    foundBy = c.FoundBy,
                    failure = c.Found?.Failure is not { } failure ? null : new { kind = failure.Kind.ToString(), message = failure.Message },
                    replay = c.Found?.Schedule is null ? null : Path.Combine(folder, CampaignFile.ScheduleName(c.Cell.Name)),
                }),
            },
            Json.Options));

    /// <summary>0 when every verdict is the expected one, 1 when one is not. What is open counts only when nothing explains it.</summary>
    internal static int ExitCode(CampaignState state, Ending ending)
    {
        CellStatus[] cells = state.Statuses();
        bool unexpected = cells.Any(c => c.Verdict != "open" && !c.AsExpected);
        return ending == Ending.Interrupted ? ExitCodes.Interrupted : unexpected ? ExitCodes.Found : ExitCodes.Expected;
    }

    private static string Expectation(CellStatus cell) =>
        cell.Cell.Expected + (cell.Found is null || cell.Cell.Outcome.Length == 0 ? "" : ": " + cell.Cell.Outcome);

    private static string Conclusion(CellStatus[] cells, Ending ending, bool expectations)
    {
        int open = cells.Count(c => c.Verdict == "open");
        int unexpected = cells.Count(c => c.Verdict != "open" && !c.AsExpected);
        string verdicts = expectations
            ? open == cells.Length ? "There is no verdict yet."
            : unexpected == 0 ? $"All {cells.Length - open} verdicts are as expected." : $"{unexpected} of {cells.Length - open} verdicts are not as expected."
            : unexpected == 0 ? $"No failure in {cells.Length - open} tests." : $"{unexpected} of {cells.Length - open} tests fail.";
        long unfinished = cells.Sum(c => c.Unfinished);
        string given = unfinished > 0 ? $" {unfinished:N0} executions were given up at the step bound (--max-steps)." : "";
        return verdicts + given + (open == 0 ? "" : ending switch
        {
            Ending.Interrupted => $" Interrupted with {open} open; go on with --resume.",
            Ending.BudgetSpent => $" The budget ended with {open} open; go on with --resume.",
            Ending.Shard => $" {open} are open for the other shards; join their progress files with `verify merge`.",
            _ => $" {open} are open.",
        });
    }
}
