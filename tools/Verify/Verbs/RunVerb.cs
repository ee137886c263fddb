using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Verify.Cli.Guests;
using Verify.Cli.Runs;
using Verify.Engine.Backends;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Verbs;

/// <summary><c>verify run</c>: executes a guest program on real threads.</summary>
internal static class RunVerb
{
    private static readonly int[] s_allCpus = [1, 2, 4];

    internal static Command Make()
    {
        var files = new Argument<string[]>("FILE") { Description = "A static RISC-V ELF64 program; several with --all.", Arity = ArgumentArity.OneOrMore };
        var all = new Option<bool>("--all")
        {
            Description = "Run each FILE with every strategy and back end, on 1, 2 and 4 vCPUs or the number given, and compare what the guest shows. Exit "
                + "code 0 if none makes a difference, otherwise 1.",
        };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON; the guest's output goes to standard error." };
        var arguments = new RunArguments();
        var command = new Command(
            "run",
            "Runs a guest on real threads. Exit code 0 when the guest exits with 0, otherwise 1.\n\nExample: verify run guests/bin/spinlock.elf --cpus 2 --strategy per-cpu-flag"
            + "\nExample: verify run guests/bin/*.elf --all\nExample: verify run guests/bin/hotplug.elf --cpus 2 --hotplug 16M@100000 --migrate-at 400000\n\n"
            + "What is done to a guest while it runs must not be seen by it: with --migrate-at, --hotplug or --framebuffer it is run once more without (RAM "
            + "is then there from the start), and its output and exit code are compared.")
        {
            files,
        };
        var supervision = new SupervisionArguments();
        arguments.AddTo(command);
        supervision.AddTo(command);
        command.Options.Add(all);
        command.Options.Add(json);
        command.SetAction((parsed, cancellation) =>
        {
            string[] named = parsed.GetValue(files)!;
            RunPlan plan = supervision.Plan(parsed);
            MachineOptions options = supervision.Machine(parsed, plan, arguments.Machine(parsed));
            if (parsed.GetValue(all) && !plan.IsEmpty)
            {
                throw new InputException("--all compares guests that are left alone: leave out --migrate-at, --hotplug and --framebuffer");
            }

            if (parsed.GetValue(all))
            {
                int[] cpus = arguments.AnyCpus(parsed) ? s_allCpus : [arguments.Cpus(parsed)];
                return Task.FromResult(Compare(named, cpus, arguments.Strategies(parsed), arguments.AllBackends(parsed), options, parsed.GetValue(json), cancellation));
            }

            if (named.Length > 1)
            {
                throw new InputException("name one FILE, or give --all to run several and compare");
            }

            if (!plan.IsEmpty)
            {
                return Task.FromResult(SupervisedRunText.Run(
                    named[0], arguments.Strategy(parsed), options with { Cpus = arguments.Cpus(parsed) }, plan, parsed.GetValue(json), cancellation));
            }

            return Task.FromResult(
                Run(named[0], arguments.Cpus(parsed), arguments.Strategy(parsed), options, parsed.GetValue(json), cancellation));
        });
        return command;
    }

    private static int Run(
        string file, int cpus, InvalidationEntry strategy, MachineOptions options, bool json, CancellationToken cancellation)
    {
        GuestOutcome outcome = GuestOutcome.Of(file, cpus, strategy, options, json ? Console.Error : Console.Out, digest: json, cancellation);
        GuestResult result = outcome.Result;
        if (result.BackendNotice is { } notice)
        {
            Console.Error.WriteLine(notice);
        }

        if (json)
        {
            WriteJson(outcome);
        }

        if (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }

        if (result.Fault is { } fault)
        {
            throw new InputException($"the guest '{file}' stopped: {fault}");
        }

        if (!json)
        {
            Console.Error.WriteLine(
                $"exit {result.ExitCode}, {result.Instructions:N0} instructions on {cpus} vCPU{(cpus == 1 ? "" : "s")} in {outcome.Seconds:F2} s "
                + $"({result.Instructions / outcome.Seconds / 1e6:F0} MIPS), {result.TbsTranslated:N0} blocks translated, {result.Flushes:N0} flushes"
                + (strategy.IsSound ? "" : $"\n{strategy.Name} is unsound: {strategy.UnsoundBecause}"));
        }

        return result.ExitCode == 0 ? ExitCodes.Expected : ExitCodes.Found;
    }

    private static void WriteJson(GuestOutcome outcome)
    {
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                file = outcome.File,
                cpus = outcome.Cpus,
                strategy = outcome.Strategy.Name,
                backend = outcome.Backend,
                unsoundBecause = outcome.Strategy.UnsoundBecause,
                exitCode = outcome.Result.ExitCode,
                fault = outcome.Result.Fault?.ToString(),
                instructions = outcome.Result.Instructions,
                flushes = outcome.Result.Flushes,
                translated = outcome.Result.TbsTranslated,
                ramDigest = outcome.RamDigest,
                hostMemoryBytes = Math.Max(process.PeakWorkingSet64, process.WorkingSet64),
                seconds = Math.Round(outcome.Seconds, 3),
            },
            Output.Json.Options));
    }

    private static int Compare(
        string[] files, int[] cpus, IReadOnlyList<InvalidationEntry> strategies, IReadOnlyList<BackendKind> backends, MachineOptions options, bool json,
        CancellationToken cancellation)
    {
        foreach (string file in files)
        {
            ElfLoader.ReadFile(file); // what cannot be read is refused now, not after minutes
        }

        GuestMatrix matrix = GuestMatrix.Execute(
            files, cpus, strategies, backends, options,
            ran =>
            {
                if (!Console.IsErrorRedirected)
                {
                    Console.Error.Write($"\r{ran.File} {ran.Cpus} {ran.Backend} {ran.Strategy.Name}\u001b[K");
                }
            },
            cancellation);
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write("\r\u001b[K");
        }

        if (json)
        {
            GuestMatrixText.WriteJson(matrix);
        }
        else
        {
            GuestMatrixText.WriteTable(matrix);
        }

        return cancellation.IsCancellationRequested ? ExitCodes.Interrupted : matrix.Holds ? ExitCodes.Expected : ExitCodes.Found;
    }
}
