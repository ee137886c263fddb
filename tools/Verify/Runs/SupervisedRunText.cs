using System.Diagnostics;
using System.Text.Json;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Runs;

/// <summary>Runs a guest to which a plan does something, runs it once more without, and says how both went.</summary>
internal static class SupervisedRunText
{
    internal static int Run(string file, InvalidationEntry strategy, MachineOptions options, RunPlan plan, bool json, CancellationToken cancellation)
    {
        var console = new TeeWriter(json ? Console.Error : Console.Out);
        GuestImage image = ElfLoader.ReadFile(file);
        var clock = Stopwatch.StartNew();
        var run = new SupervisedRun(image, strategy, options with { Console = console }, plan);
        GuestResult result = run.Execute(cancellation);
        double seconds = clock.Elapsed.TotalSeconds;
        if (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }

        if (result.Fault is { } fault)
        {
            throw new InputException($"the guest '{file}' stopped: {fault}");
        }

        string? difference = run.Difference ?? Compare(image, strategy, options, plan, result, console.ToString(), cancellation);
        if (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }

        if (json)
        {
            WriteJson(file, strategy, options, run, result, difference, seconds);
        }
        else
        {
            Console.Error.WriteLine(
                $"exit {result.ExitCode}, {result.Instructions:N0} instructions on {options.Cpus} vCPU{(options.Cpus == 1 ? "" : "s")} in {seconds:F2} s "
                + $"({result.Instructions / seconds / 1e6:F0} MIPS), {result.TbsTranslated:N0} blocks translated, {result.Flushes:N0} flushes");
            Describe(run, plan, difference);
        }

        return result.ExitCode == 0 && difference == null ? ExitCodes.Expected : ExitCodes.Found;
    }

    private static void Describe(SupervisedRun run, RunPlan plan, string? difference)
    {
        if (run.Migration is { } migration)
        {
            Console.Error.WriteLine(
                $"migrated in {migration.Rounds} dirty round{(migration.Rounds == 1 ? "" : "s")}: {migration.PagesSent:N0} pages sent, {migration.ZeroPages:N0} "
                + $"of them zero, {migration.LastRoundPages:N0} while the vCPUs were stopped; RAM of both machines was "
                + (run.Difference == null ? "identical" : "different"));
        }

        if (run.Display is { } display)
        {
            Console.Error.WriteLine(
                $"{display.Pictures:N0} pictures in {plan.Framebuffer}, {display.LinesDrawn:N0} lines drawn in {display.Refreshes:N0} refreshes, "
                + $"{display.Comparisons:N0} of which had to compare");
        }

        Console.Error.WriteLine(difference == null ? "output and exit code are those of a run without" : "DIFFERENT: " + difference);
    }

    private static void WriteJson(
        string file, InvalidationEntry strategy, MachineOptions options, SupervisedRun run, GuestResult result, string? difference, double seconds) =>
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                file,
                cpus = options.Cpus,
                strategy = strategy.Name,
                dirtyMemory = options.DirtyMemory ?? MachineOptions.NoDirtyMemory,
                exitCode = result.ExitCode,
                instructions = result.Instructions,
                flushes = result.Flushes,
                translated = result.TbsTranslated,
                migration = run.Migration,
                pictures = run.Display?.Pictures,
                difference,
                seconds = Math.Round(seconds, 3),
            },
            Output.Json.Options));

    // The same guest left alone; RAM that is plugged in is there from the start.
    private static string? Compare(
        GuestImage image, InvalidationEntry strategy, MachineOptions options, RunPlan plan, GuestResult result, string output,
        CancellationToken cancellation)
    {
        var console = new StringWriter();
        GuestResult alone = GuestRun.Execute(
            image, options.Cpus, strategy, options with { DirtyMemory = null, KernelLog = null }, console, cancellation,
            prepare: machine =>
            {
                for (int i = 0; i < plan.Hotplug.Count; i++)
                {
                    machine.AddRam($"plugged{i}", plan.Hotplug[i].Size);
                }
            });
        return alone.ExitCode != result.ExitCode ? $"exit code {result.ExitCode}, but {alone.ExitCode} without"
            : console.ToString() != output ? $"the guest printed '{output}', but '{console}' without"
            : null;
    }
}
