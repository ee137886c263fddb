using System.CommandLine;
using Verify.Cli.Runs;
using Verify.Engine.Dirty;
using Verify.Engine.Execution;

namespace Verify.Cli.Verbs;

/// <summary>The options of <c>verify run</c> that do something to the machine while the guest runs, and the dirty memory that takes.</summary>
internal sealed class SupervisionArguments
{
    private const string DefaultDesign = "rcu-blocks";

    private static readonly (string Name, KvmLogMode Mode)[] s_kernelModes =
        [("clear-on-get", KvmLogMode.ClearOnGet), ("manual-clear", KvmLogMode.ManualClear), ("ring", KvmLogMode.Ring)];

    private readonly Option<string?> _dirty = new("--dirty")
    {
        Description = $"Design of dirty memory: {MachineOptions.NoDirtyMemory}, {string.Join(", ", DirtyMemoryCatalog.All.Select(e => e.Name))}, or path.dll:TypeName for one of your own. "
            + $"Without it, {MachineOptions.NoDirtyMemory}, or {DefaultDesign} where something needs one.",
    };

    private readonly Option<string?> _kernelLog = new("--kernel-log")
    {
        Description = $"Have a kernel log the vCPUs' stores, as KVM does: {string.Join(", ", s_kernelModes.Select(m => m.Name))}.",
    };

    private readonly Option<long?> _migrateAt = new("--migrate-at")
    {
        Description = "Migrate the guest into a second machine while it runs, beginning when its harts together have retired N instructions.",
        HelpName = "N",
    };

    private readonly Option<string[]> _hotplug = new("--hotplug")
    {
        Description = "Plug RAM in while the guest runs, when its harts together have retired N instructions: 16M@200000. May be given several times.",
        HelpName = "SIZE@N",
    };

    private readonly Option<string?> _framebuffer = new("--framebuffer")
    {
        Description = "Give the guest a display, and write each picture it shows into this folder, as PNG.",
        HelpName = "DIR",
    };

    private readonly Option<string> _display = new("--display")
    {
        Description = $"How the display learns what was drawn: {string.Join(", ", DisplayRecorder.Sources)}.",
        DefaultValueFactory = _ => DisplayRecorder.ByDirtyMemory,
    };

    internal void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_dirty, _kernelLog, _migrateAt, _hotplug, _framebuffer, _display])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What is to be done while the guest runs.</summary>
    /// <exception cref="InputException">It cannot be done like that.</exception>
    internal RunPlan Plan(ParseResult parsed)
    {
        if (parsed.GetValue(_migrateAt) is < 0)
        {
            throw new InputException($"--migrate-at {parsed.GetValue(_migrateAt)}: give a number of guest instructions, at least 0");
        }

        if (parsed.GetValue(_framebuffer) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        return new RunPlan
        {
            MigrateAt = parsed.GetValue(_migrateAt),
            Framebuffer = parsed.GetValue(_framebuffer),
            DisplaySource = ReadDisplay(parsed),
            Hotplug = [.. (parsed.GetValue(_hotplug) ?? []).Select(SizeText.ParsePlug).OrderBy(plug => plug.At)],
        };
    }

    /// <summary>The options of a machine, with what the plan and the options given here need.</summary>
    /// <exception cref="InputException">Something that is needed was switched off, or is not known.</exception>
    internal MachineOptions Machine(ParseResult parsed, RunPlan plan, MachineOptions options)
    {
        string? design = parsed.GetValue(_dirty), kernelLog = parsed.GetValue(_kernelLog);
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
            (string Name, KvmLogMode Mode) known = Array.Find(s_kernelModes, candidate => candidate.Name == kernelLog);
            mode = known.Name != null ? known.Mode : throw new InputException(
                $"there is no kernel log '{kernelLog}': use one of {string.Join(", ", s_kernelModes.Select(candidate => candidate.Name))}");
        }

        return options with
        {
            DirtyMemory = design ?? (needsOne ? DefaultDesign : null),
            KernelLog = mode,
            HasFramebuffer = plan.Framebuffer != null,
            MaxRamSize = plan.Hotplug.Count == 0 ? 0 : options.RamSize + plan.Hotplug.Sum(plug => plug.Size),
        };
    }

    private string ReadDisplay(ParseResult parsed)
    {
        string source = parsed.GetValue(_display)!;
        if (!DisplayRecorder.Sources.Contains(source))
        {
            throw new InputException($"there is no way to display by '{source}': use one of {string.Join(", ", DisplayRecorder.Sources)}");
        }

        return parsed.GetResult(_display) is { Implicit: false } && parsed.GetValue(_framebuffer) == null
            ? throw new InputException($"--display {source} needs a display: add --framebuffer DIR")
            : source;
    }
}
