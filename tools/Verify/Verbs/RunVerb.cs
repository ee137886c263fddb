using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Verify.Cli.Runs;
using Verify.Engine.Dirty;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Verbs;

/// <summary><c>verify run</c>: executes a guest program on real threads.</summary>
internal static class RunVerb
{
    private const string DefaultDesign = "rcu-blocks";

    private static readonly (string Name, KvmLogMode Mode)[] s_kernelModes =
        [("clear-on-get", KvmLogMode.ClearOnGet), ("manual-clear", KvmLogMode.ManualClear), ("ring", KvmLogMode.Ring)];

    private static readonly Argument<string> s_file = new("FILE") { Description = "A static RISC-V ELF64 program." };
    private static readonly Option<int> s_cpus = new("--cpus") { Description = "Number of vCPUs, one thread each.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> s_strategy = new("--strategy")
    {
        Description = "Invalidation strategy; `verify list` names them.",
        DefaultValueFactory = _ => "per-cpu-flag",
    };

    private static readonly Option<bool> s_json = new("--json") { Description = "Print the result as JSON; the guest's output goes to standard error." };
    private static readonly Option<string> s_dirty = new("--dirty")
    {
        Description = $"Design of dirty memory: {MachineOptions.NoDirtyMemory}, {string.Join(", ", DirtyMemoryCatalog.All.Select(e => e.Name))}. "
            + $"Without it, {MachineOptions.NoDirtyMemory}, or {DefaultDesign} where something needs one.",
    };

    private static readonly Option<string> s_kernelLog = new("--kernel-log")
    {
        Description = $"Have a kernel log the vCPUs' stores, as KVM does: {string.Join(", ", s_kernelModes.Select(m => m.Name))}.",
    };

    private static readonly Option<long?> s_migrateAt = new("--migrate-at")
    {
        Description = "Migrate the guest into a second machine while it runs, beginning when its harts together have retired N instructions.",
        HelpName = "N",
    };

    private static readonly Option<string[]> s_hotplug = new("--hotplug")
    {
        Description = "Plug RAM in while the guest runs, when its harts together have retired N instructions: 16M@200000. May be given several times.",
        HelpName = "SIZE@N",
    };

    private static readonly Option<string?> s_framebuffer = new("--framebuffer")
    {
        Description = "Give the guest a display, and write each picture it shows into this folder, as PNG.",
        HelpName = "DIR",
    };

    private static readonly Option<string> s_display = new("--display")
    {
        Description = $"How the display learns what was drawn: {string.Join(", ", DisplayRecorder.Sources)}.",
        DefaultValueFactory = _ => DisplayRecorder.ByDirtyMemory,
    };

    internal static Command Make()
    {
        s_cpus.Within(1, 64);
        var command = new Command(
            "run", "Runs a guest on real threads. Exit code 0 when the guest exits with 0, otherwise 1.\n\nWhat is done to it while it runs must not be "
            + "seen by it: with --migrate-at, --hotplug or --framebuffer it is run once more without (RAM is then there from the start), and its output and exit code "
            + "are compared.\n\nExample: verify run guests/bin/spinlock.elf --cpus 2 --strategy per-cpu-flag\n"
            + "         verify run guests/bin/hotplug.elf --cpus 2 --hotplug 16M@100000 --migrate-at 400000")
        {
            s_file, s_cpus, s_strategy, s_dirty, s_kernelLog, s_migrateAt, s_hotplug, s_framebuffer, s_display, s_json,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellation)
    {
        bool json = parsed.GetValue(s_json);
        (string file, int cpus, string strategyName) = (parsed.GetValue(s_file)!, parsed.GetValue(s_cpus), parsed.GetValue(s_strategy)!);
        InvalidationEntry strategy = InvalidationCatalog.Find(strategyName);
        RunPlan plan = ReadPlan(parsed);
        var console = new TeeWriter(json ? Console.Error : Console.Out);
        MachineOptions options = ReadOptions(parsed, plan) with { Cpus = cpus, Console = console };
        GuestImage image = ElfLoader.ReadFile(file);
        var clock = Stopwatch.StartNew();
        var run = new SupervisedRun(image, strategy, options, plan);
        GuestResult result = plan.IsEmpty
            ? GuestRun.Execute(image, cpus, strategy, options, console, cancellation)
            : run.Execute(cancellation);
        double seconds = clock.Elapsed.TotalSeconds;
        if (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }

        if (result.Fault is { } fault && !json)
        {
            throw new InputException($"the guest '{file}' stopped: {fault}");
        }

        string? difference = plan.IsEmpty ? null : run.Difference ?? Compare(image, strategy, options, plan, result, console.ToString(), cancellation);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    file,
                    cpus,
                    strategy = strategyName,
                    dirtyMemory = options.DirtyMemory ?? MachineOptions.NoDirtyMemory,
                    exitCode = result.ExitCode,
                    fault = result.Fault?.ToString(),
                    instructions = result.Instructions,
                    flushes = result.Flushes,
                    translated = result.TbsTranslated,
                    migration = run.Migration,
                    pictures = run.Display?.Pictures,
                    difference,
                    seconds = Math.Round(seconds, 3),
                },
                Output.Json.Options));
        }
        else
        {
            Console.Error.WriteLine(
                $"exit {result.ExitCode}, {result.Instructions:N0} instructions on {cpus} vCPU{(cpus == 1 ? "" : "s")} in {seconds:F2} s "
                + $"({result.Instructions / seconds / 1e6:F0} MIPS), {result.TbsTranslated:N0} blocks translated, {result.Flushes:N0} flushes");
            Describe(run, plan, difference);
        }

        if (result.Fault is { } faulted)
        {
            throw new InputException($"the guest '{file}' stopped: {faulted}");
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

        if (!plan.IsEmpty)
        {
            Console.Error.WriteLine(difference == null ? "output and exit code are those of a run without" : "DIFFERENT: " + difference);
        }
    }

    // The same guest left alone; RAM that is plugged in is there from the start.
    private static string? Compare(
        GuestImage image, InvalidationEntry strategy, MachineOptions options, RunPlan plan, GuestResult result, string output,
        CancellationToken cancellation)
    {
        var console = new StringWriter();
        GuestResult alone = GuestRun.Execute(
            image, strategy, options with { DirtyMemory = null, KernelLog = null, Console = console },
            machine =>
            {
                for (int i = 0; i < plan.Hotplug.Count; i++)
                {
                    machine.AddRam($"plugged{i}", plan.Hotplug[i].Size);
                }
            },
            cancellation);
        return alone.ExitCode != result.ExitCode ? $"exit code {result.ExitCode}, but {alone.ExitCode} without"
            : console.ToString() != output ? $"the guest printed '{output}', but '{console}' without"
            : null;
    }

    private static RunPlan ReadPlan(ParseResult parsed)
    {
        if (parsed.GetValue(s_migrateAt) is < 0)
        {
            throw new InputException($"--migrate-at {parsed.GetValue(s_migrateAt)}: give a number of guest instructions, at least 0");
        }

        return new RunPlan
        {
            MigrateAt = parsed.GetValue(s_migrateAt),
            Framebuffer = ReadFolder(parsed.GetValue(s_framebuffer)),
            DisplaySource = ReadDisplay(parsed),
            Hotplug = [.. (parsed.GetValue(s_hotplug) ?? []).Select(SizeText.ParsePlug).OrderBy(plug => plug.At)],
        };
    }

    private static string? ReadFolder(string? folder)
    {
        if (folder != null)
        {
            Directory.CreateDirectory(folder);
        }

        return folder;
    }

    private static string ReadDisplay(ParseResult parsed)
    {
        string source = parsed.GetValue(s_display)!;
        if (!DisplayRecorder.Sources.Contains(source))
        {
            throw new InputException($"there is no way to display by '{source}': use one of {string.Join(", ", DisplayRecorder.Sources)}");
        }

        return parsed.GetResult(s_display) is { Implicit: false } && parsed.GetValue(s_framebuffer) == null
            ? throw new InputException($"--display {source} needs a display: add --framebuffer DIR")
            : source;
    }

    private static MachineOptions ReadOptions(ParseResult parsed, RunPlan plan)
    {
        string? design = parsed.GetValue(s_dirty), kernelLog = parsed.GetValue(s_kernelLog);
        bool needsOne = plan.MigrateAt != null || kernelLog != null || plan is { Framebuffer: not null, DisplaySource: DisplayRecorder.ByDirtyMemory };
        if (design == MachineOptions.NoDirtyMemory && needsOne)
        {
            throw new InputException(
                $"--dirty {design} cannot be used with --migrate-at, --kernel-log or --display {DisplayRecorder.ByDirtyMemory}, which need dirty memory: "
                + "leave it out, or name a design");
        }

        if (design is not null and not MachineOptions.NoDirtyMemory)
        {
            DirtyMemoryCatalog.Find(design);
        }

        KvmLogMode? mode = null;
        if (kernelLog != null)
        {
            (string Name, KvmLogMode Mode) = Array.Find(s_kernelModes, candidate => candidate.Name == kernelLog);
            mode = Name != null ? Mode : throw new InputException(
                $"there is no kernel log '{kernelLog}': use one of {string.Join(", ", s_kernelModes.Select(candidate => candidate.Name))}");
        }

        var options = new MachineOptions();
        return options with
        {
            DirtyMemory = design ?? (needsOne ? DefaultDesign : null),
            KernelLog = mode,
            HasFramebuffer = plan.Framebuffer != null,
            MaxRamSize = plan.Hotplug.Count == 0 ? 0 : options.RamSize + plan.Hotplug.Sum(plug => plug.Size),
        };
    }
}
