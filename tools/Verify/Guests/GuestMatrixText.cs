using System.Text.Json;
using Spectre.Console;
using Verify.Cli.Output;
using Verify.Cli.Verbs;
using Verify.Engine.Backends;

namespace Verify.Cli.Guests;

/// <summary>A <see cref="GuestMatrix"/> as a table or as JSON.</summary>
internal static class GuestMatrixText
{
    internal static void WriteTable(GuestMatrix matrix)
    {
        IReadOnlyList<GuestMatrix.Row> rows = matrix.Rows;
        if (rows.Count == 0)
        {
            return;
        }

        string[] strategies = [.. rows[0].Cells.Select(c => c.Outcome.Strategy.Name).Distinct()];
        var table = new Table().Border(Console.IsOutputRedirected ? TableBorder.Ascii : TableBorder.Rounded);
        foreach (string column in (string[])["guest", "vCPUs", "back end", .. strategies, "result", "RAM"])
        {
            table.AddColumn(new TableColumn(Markup.Escape(column.Replace("/", "\n/"))).NoWrap());
        }

        foreach (GuestMatrix.Row row in rows)
        {
            string ram = row.SameRam ? row.First.Outcome.RamDigest![..12] : row.Cpus == 1 ? "[red]differs[/]" : "by interleaving";
            foreach (IGrouping<BackendKind, GuestMatrix.Cell> backend in row.Cells.GroupBy(c => c.Outcome.Backend))
            {
                string[] cells = [.. backend.Take(strategies.Length).Select(c => Differs(row.First, c) ? "[red]differs[/]" : $"{c.Outcome.Seconds:F2} s")];
                table.AddRow([
                    Markup.Escape(Path.GetFileName(row.File)), row.Cpus.ToString(), RunArguments.Name(backend.Key), .. cells, .. Enumerable.Repeat("", strategies.Length - cells.Length),
                    row.Same ? Markup.Escape(row.First.Outcome.Ending) : "[red]differs[/]", ram]);
            }
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 200; // a log has no width to fit
        }

        AnsiConsole.Write(table);
        foreach (GuestMatrix.Row row in rows.Where(r => !r.Holds))
        {
            foreach (GuestMatrix.Cell cell in row.Cells)
            {
                Console.WriteLine(
                    $"{row.File} on {row.Cpus} with {cell.Outcome.Strategy.Name} on {RunArguments.Name(cell.Outcome.Backend)}: {cell.Outcome.Ending}, RAM {cell.Outcome.RamDigest![..12]}, " +
                    $"printed \"{Plain.Fit(cell.Console.ReplaceLineEndings("|"), 80)}\"");
            }
        }

        int wrong = rows.Count(r => !r.Holds);
        Console.WriteLine(wrong == 0
            ? $"{rows.Sum(r => r.Cells.Count)} executions: no guest can tell the back ends and strategies apart."
            : $"{wrong} of {rows.Count} rows differ between back ends or strategies.");
    }

    internal static void WriteJson(GuestMatrix matrix) =>
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                holds = matrix.Holds,
                rows = matrix.Rows.Select(row => new
                {
                    file = row.File,
                    cpus = row.Cpus,
                    same = row.Same,
                    sameRam = row.SameRam,
                    runs = row.Cells.Select(c => new
                    {
                        strategy = c.Outcome.Strategy.Name,
                        backend = RunArguments.Name(c.Outcome.Backend),
                        exitCode = c.Outcome.Result.ExitCode,
                        fault = c.Outcome.Result.Fault?.ToString(),
                        output = c.Console,
                        ramDigest = c.Outcome.RamDigest,
                        instructions = c.Outcome.Result.Instructions,
                        flushes = c.Outcome.Result.Flushes,
                        seconds = Math.Round(c.Outcome.Seconds, 3),
                    }),
                }),
            },
            Json.Options));

    private static bool Differs(GuestMatrix.Cell a, GuestMatrix.Cell b) => (a.Outcome.Ending, a.Console) != (b.Outcome.Ending, b.Console);
}
