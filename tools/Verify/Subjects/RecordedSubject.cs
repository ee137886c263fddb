using System.CommandLine;
using Verify.Checker.Replay;
using Verify.Cli.Verbs;
using Verify.Engine.Invalidation;
using Verify.Rewriter.Loading;
using Verify.Scenarios;

namespace Verify.Cli.Subjects;

/// <summary>What a schedule was recorded from, loaded again.</summary>
/// <param name="Body">The test.</param>
/// <param name="Modules">Versions of the rewritten modules, by name.</param>
/// <param name="Assemblies">Their paths.</param>
internal sealed record RecordedSubject(Action Body, IReadOnlyDictionary<string, string> Modules, IReadOnlyList<string> Assemblies)
{
    /// <summary>Loads it. Only what the command line names is loaded; the file's names are looked up in it.</summary>
    /// <exception cref="InputException">The schedule is of something else.</exception>
    internal static RecordedSubject Load(Schedule schedule, Named named)
    {
        if (named.Assembly is { } assembly)
        {
            if (TestMethods.Find(assembly.Path).All(t => t.Name != schedule.Test))
            {
                throw new InputException($"{assembly.Path} has no test '{schedule.Test}'; name the assembly the schedule was recorded from");
            }

            AssemblySubject tests = AssemblySubject.Load(assembly, schedule.Memory.NeedsPlainAccesses);
            return new RecordedSubject(tests.Body(schedule.Test), assembly.Set().Versions, tests.Assemblies);
        }

        if (schedule.Variant.Length == 0)
        {
            throw new InputException($"the schedule is of the test '{schedule.Test}' in an assembly of yours; name it with --assembly DLL");
        }

        // Before the rewritten copy, whose exceptions are of other types.
        Scenario scenario = ScenarioCatalog.Find(schedule.Test);
        if (StrategyLoader.Split(schedule.Variant) is null)
        {
            _ = ScenarioCatalog.CombinationIn(scenario, schedule.Variant)?.Name ?? scenario.Find(schedule.Variant).Name;
        }
        else
        {
            (string what, string option, string? given) = scenario is IDirtyScenario ? ("dirty-memory design", "--dirty", named.Dirty) : ("strategy", "--strategy", named.Strategy);
            if (schedule.Variant != given)
            {
                throw new InputException($"the schedule is of a {what} of your own; name it as when it was recorded: {option} {schedule.Variant}");
            }
        }

        ScenarioSubject scenarios = ScenarioSubject.Load(schedule.Memory.NeedsPlainAccesses);
        return new RecordedSubject(scenarios.Body(schedule.Test, schedule.Variant), ScenarioSubject.Modules, scenarios.Assemblies);
    }

    /// <summary>What the command line allows to be loaded besides the scenarios.</summary>
    internal sealed record Named(AssemblySubject.Source? Assembly, string? Strategy, string? Dirty)
    {
        /// <summary>What a command that replays the same must say of it.</summary>
        internal string ReplayOptions =>
            (Assembly is null ? "" : $" --assembly {Assembly.Path}") + (Strategy is null ? "" : $" --strategy {Strategy}") + (Dirty is null ? "" : $" --dirty {Dirty}");
    }

    /// <summary>The options that say which assembly a schedule is of.</summary>
    internal sealed class Arguments
    {
        private readonly Option<string?> _assembly = new("--assembly")
        {
            Description = "The test assembly, for a schedule that `verify test` wrote.",
        };

        private readonly Option<string?> _strategy = new("--strategy")
        {
            Description = "The strategy, for a schedule of one of your own: path.dll:TypeName.",
        };

        private readonly Option<string?> _dirty = new("--dirty")
        {
            Description = "The dirty-memory design, for a schedule of one of your own: path.dll:TypeName.",
        };

        private readonly ProgramArguments _program = new();

        internal void AddTo(Command command)
        {
            command.Options.Add(_assembly);
            command.Options.Add(_strategy);
            command.Options.Add(_dirty);
            _program.AddTo(command);
        }

        internal Named Read(ParseResult parsed) => new(
            parsed.GetValue(_assembly) is { } path ? _program.Read(parsed, path) : null, parsed.GetValue(_strategy), parsed.GetValue(_dirty));
    }
}
