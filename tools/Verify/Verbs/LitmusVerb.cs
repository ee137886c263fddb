using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Spectre.Console;
using Verify.Checker.MemoryModels;
using Verify.Checker.MemoryModels.Litmus;
using Verify.Cli.Output;
using Verify.Rewriter.Litmus;

namespace Verify.Cli.Verbs;

/// <summary><c>verify litmus</c>: what each memory model reaches, against what the table expects.</summary>
internal static class LitmusVerb
{
    private const string Table = "litmus.json";

    private sealed record Row(
        LitmusTest Test, string Model, LitmusExploration Reached, IReadOnlyList<string> Missing, IReadOnlyList<string> Extra, bool? Allowed, TimeSpan Elapsed,
        string Note)
    {
        internal bool AsExpected => Reached.IsComplete && Missing.Count == 0 && Extra.Count == 0 && (Allowed is null || Allowed == Reached.ConditionReached);

        internal string Verdict => Reached.ConditionReached ? "allowed" : "forbidden";
    }

    internal static Command Make()
    {
        var file = new Argument<string?>("FILE") { Description = "A litmus file; without one, the table of this project.", Arity = ArgumentArity.ZeroOrOne };
        var model = new Option<string[]>("--model")
        {
            Description = "Only these memory models.",
            DefaultValueFactory = _ => [.. MemoryModel.All.Select(m => m.Name)],
            AllowMultipleArgumentsPerToken = true,
        };
        model.AcceptOnlyFromAmong([.. MemoryModel.All.Select(m => m.Name)]);
        var test = new Option<string?>("--test") { Description = "Only the test of this name." };
        var most = new Option<long>("--executions")
        {
            Description = "Most executions of a test under a model; one that needs more is reported as incomplete.",
            DefaultValueFactory = _ => 1_000_000,
        };
        most.Within(1, long.MaxValue);
        var machine = new Option<bool>("--machine") { Description = "Explore on the memory machine alone, without compiling the tests." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "litmus",
            "Compiles each litmus test to C# methods, rewrites them, explores every execution under each memory model, and compares the outcomes reached with "
            + "those the file lists. Exit code 0: all as listed; 1: some differ; 2: the file cannot be used.\n\nExample: verify litmus litmus/litmus.json --model dotnet")
        {
            file, model, test, most, machine, json,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed.GetValue(file),
            [.. parsed.GetValue(model)!.Distinct()],
            parsed.GetValue(test),
            parsed.GetValue(most),
            parsed.GetValue(machine),
            parsed.GetValue(json),
            cancellation)));
        return command;
    }

    private static int Run(string? file, string[] models, string? only, long most, bool machine, bool json, CancellationToken cancellation)
    {
        IReadOnlyList<LitmusTest> tests = file is null ? LitmusParser.Parse(ReadTable()) : LitmusParser.ParseFile(file);
        LitmusTest[] chosen = [.. tests.Where(t => only is null || t.Name == only)];
        if (chosen.Length == 0)
        {
            throw new InputException(only is null ? $"{file} has no tests" : $"there is no test '{only}'; `verify litmus` without --test lists them");
        }

        Dictionary<LitmusTest, (CompiledLitmus? Compiled, string Note)> compiled = machine
            ? chosen.ToDictionary(t => t, _ => ((CompiledLitmus?)null, "on the machine alone"))
            : Compile(chosen);
        var rows = new List<Row>();
        foreach (LitmusTest test in chosen)
        {
            foreach (string model in models)
            {
                if (!cancellation.IsCancellationRequested)
                {
                    rows.Add(Explore(test, compiled[test].Compiled, compiled[test].Note, model, most, cancellation));
                }
            }
        }

        if (json)
        {
            WriteJson(rows);
        }
        else
        {
            Write(rows);
        }

        return cancellation.IsCancellationRequested ? ExitCodes.Interrupted : rows.TrueForAll(r => r.AsExpected) ? ExitCodes.Expected : ExitCodes.Found;
    }

    private static string ReadTable()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(Table)!);
        return reader.ReadToEnd();
    }

    // A test that C# has no types for is explored on the machine alone, and says so.
    private static Dictionary<LitmusTest, (CompiledLitmus? Compiled, string Note)> Compile(LitmusTest[] tests)
    {
        try
        {
            return CompiledLitmus.Compile(tests).ToDictionary(c => c.Test, c => ((CompiledLitmus?)c, ""));
        }
        catch (LitmusFormatException)
        {
            return tests.ToDictionary(t => t, CompileOne);
        }
    }

    private static (CompiledLitmus? Compiled, string Note) CompileOne(LitmusTest test)
    {
        try
        {
            return (CompiledLitmus.Compile([test])[0], "");
        }
        catch (LitmusFormatException e)
        {
            return (null, "on the machine alone: " + e.Message);
        }
    }

    private static Row Explore(LitmusTest test, CompiledLitmus? compiled, string note, string model, long most, CancellationToken cancellation)
    {
        var options = new MemoryModelOptions { Model = MemoryModel.Parse(model) };
        var clock = Stopwatch.StartNew();
        LitmusExploration reached = compiled is null ? new LitmusExplorer(test, options).Explore() : compiled.Explore(options, most, cancellation);
        IReadOnlyList<string>? expected = test.Outcomes.GetValueOrDefault(model);
        return new Row(
            test,
            model,
            reached,
            expected is null ? [] : [.. expected.Except(reached.Outcomes.Keys).Order(StringComparer.Ordinal)],
            expected is null ? [] : [.. reached.Outcomes.Keys.Except(expected)],
            test.Allowed.TryGetValue(model, out bool allowed) ? allowed : null,
            clock.Elapsed,
            note);
    }

    private static void Write(List<Row> rows)
    {
        AnsiConsole.Profile.Capabilities.Ansi &= !Console.IsOutputRedirected;
        var table = new Table().Border(Console.IsOutputRedirected ? TableBorder.Ascii : TableBorder.Rounded);
        foreach (string column in (string[])["test", "model", "condition", "expected", "outcomes", "executions", "ms"])
        {
            table.AddColumn(new TableColumn(column).NoWrap());
        }

        foreach (Row row in rows)
        {
            string colour = row.AsExpected ? "green" : "red";
            int listed = row.Reached.Outcomes.Count - row.Extra.Count + row.Missing.Count;
            table.AddRow(
                Markup.Escape(Plain.OneLine(row.Test.Name)),
                row.Model,
                row.Verdict,
                $"[{colour}]{(row.Allowed is { } allowed ? allowed ? "allowed" : "forbidden" : "")}[/]",
                $"[{colour}]{row.Reached.Outcomes.Count}{(row.Test.Outcomes.ContainsKey(row.Model) ? " of " + listed : "")}[/]",
                row.Reached.Executions.ToString("N0"),
                row.Elapsed.TotalMilliseconds.ToString("N0"));
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 200;
        }

        AnsiConsole.Write(table);
        foreach (Row row in rows.Where(r => !r.AsExpected || r.Note.Length > 0))
        {
            string name = $"{Plain.OneLine(row.Test.Name)} under {row.Model}: ";
            Print(name, row.Note.Length > 0 ? [row.Note] : []);
            Print(name, row.Reached.IsComplete ? [] : ["not every execution was tried; raise --executions"]);
            Print(name + "not reached: ", row.Missing);
            Print(name + "reached and not listed: ", row.Extra);
        }

        int wrong = rows.Count(r => !r.AsExpected);
        Console.WriteLine(wrong == 0 ? $"All {rows.Count} outcome sets are as listed." : $"{wrong} of {rows.Count} outcome sets are not as listed.");
    }

    private static void Print(string name, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            Console.WriteLine(name + Plain.OneLine(line));
        }
    }

    private static void WriteJson(List<Row> rows) => Console.WriteLine(JsonSerializer.Serialize(
        rows.Select(r => new
        {
            test = r.Test.Name,
            model = r.Model,
            asExpected = r.AsExpected,
            condition = r.Verdict,
            outcomes = r.Reached.Outcomes.Keys,
            missing = r.Missing,
            extra = r.Extra,
            executions = r.Reached.Executions,
            complete = r.Reached.IsComplete,
            milliseconds = Math.Round(r.Elapsed.TotalMilliseconds, 1),
            note = r.Note,
        }),
        Json.Options));
}
