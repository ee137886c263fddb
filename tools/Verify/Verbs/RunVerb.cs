using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Verify.Engine.Backends;
using Verify.Engine.Execution;

namespace Verify.Cli.Verbs;

/// <summary><c>verify run</c>: executes a guest program on real threads.</summary>
internal static class RunVerb
{
    internal static Command Make()
    {
        var file = new Argument<string>("FILE") { Description = "A static RISC-V ELF64 program." };
        var cpus = new Option<int>("--cpus") { Description = "Number of vCPUs, one thread each.", DefaultValueFactory = _ => 1 };
        var strategy = new Option<string>("--strategy") { Description = "Invalidation strategy; `verify list` names them.", DefaultValueFactory = _ => "per-cpu-flag" };
        var backend = new Option<string>("--backend") { Description = "interp, x64 or x64-flat: how translated code is executed.", DefaultValueFactory = _ => "interp" };
        backend.AcceptOnlyFromAmong("interp", "x64", "x64-flat");
        var json = new Option<bool>("--json") { Description = "Print the result as JSON; the guest's output goes to standard error." };
        cpus.Within(1, 64);
        var command = new Command(
            "run", "Runs a guest on real threads. Exit code 0 when the guest exits with 0, otherwise 1.\n\nExample: verify run guests/bin/spinlock.elf --cpus 2 --strategy per-cpu-flag")
        {
            file, cpus, strategy, backend, json,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed.GetValue(file)!, parsed.GetValue(cpus), parsed.GetValue(strategy)!, parsed.GetValue(backend)!, parsed.GetValue(json), cancellation)));
        return command;
    }

    private static int Run(string file, int cpus, string strategy, string backend, bool json, CancellationToken cancellation)
    {
        var options = new MachineOptions
        {
            Backend = backend switch { "x64" => BackendKind.X64, "x64-flat" => BackendKind.X64Flat, _ => BackendKind.Interpreter },
        };
        var clock = Stopwatch.StartNew();
        GuestResult result = GuestRun.Execute(file, cpus, strategy, options, json ? Console.Error : Console.Out, cancellation);
        double seconds = clock.Elapsed.TotalSeconds;
        if (result.BackendNotice is { } notice)
        {
            Console.Error.WriteLine(notice);
        }

        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    file,
                    cpus,
                    strategy,
                    backend = result.BackendNotice == null ? backend : "interp",
                    exitCode = result.ExitCode,
                    fault = result.Fault?.ToString(),
                    instructions = result.Instructions,
                    flushes = result.Flushes,
                    translated = result.TbsTranslated,
                    seconds = Math.Round(seconds, 3),
                },
                Output.Json.Options));
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
                $"exit {result.ExitCode}, {result.Instructions:N0} instructions on {cpus} vCPU{(cpus == 1 ? "" : "s")} in {seconds:F2} s "
                + $"({result.Instructions / seconds / 1e6:F0} MIPS), {result.TbsTranslated:N0} blocks translated, {result.Flushes:N0} flushes");
        }

        return result.ExitCode == 0 ? ExitCodes.Expected : ExitCodes.Found;
    }
}
