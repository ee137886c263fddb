using System.Text.Json;
using Spectre.Console;
using Verify.Cli.Output;

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

        var table = new Table().Border(Console.IsOutputRedirected ? TableBorder.Ascii : TableBorder.Rounded);
        foreach (string column in (string[])["guest", "vCPUs", "back end", .. rows[0].Cells.Select(c => c.Outcome.Strategy.Name), "result", "RAM"])
        {
            table.AddColumn(new TableColumn(Markup.Escape(column.Replace("/", "\n/"))).NoWrap());
        }

        foreach (GuestMatrix.Row row in rows)
        {
            string[] cells = [.. row.Cells.Select(c => Differs(row.First, c) ? "[red]differs[/]" : $"{c.Outcome.Seconds:F2} s")];
            string ram = row.SameRam ? row.First.Outcome.RamDigest![..12] : row.Cpus == 1 ? "[red]differs[/]" : "by interleaving";
            table.AddRow([
                Markup.Escape(Path.GetFileName(row.File)), row.Cpus.ToString(), row.Backend, .. cells, .. Enumerable.Repeat("", rows[0].Cells.Count - cells.Length),
                row.Same ? Markup.Escape(row.First.Outcome.Ending) : "[red]differs[/]", ram]);
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
                    $"{row.File} on {row.Cpus} by {row.Backend} with {cell.Outcome.Strategy.Name}: {cell.Outcome.Ending}, RAM {cell.Outcome.RamDigest![..12]}, " +
                    $"printed \"{Plain.Fit(cell.Console.ReplaceLineEndings("|"), 80)}\"");
            }
        }

        int wrong = rows.Count(r => !r.Holds);
        Console.WriteLine(wrong == 0
            ? $"{rows.Sum(r => r.Cells.Count)} executions: no guest can tell the strategies and back ends apart."
            : $"{wrong} of {rows.Count} rows differ between strategies or back ends.");
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
                    backend = row.Backend,
                    same = row.Same,
                    sameRam = row.SameRam,
                    runs = row.Cells.Select(c => new
                    {
                        strategy = c.Outcome.Strategy.Name,
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
