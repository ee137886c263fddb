using System.CommandLine;
using Verify.Checker.Campaigns;
using Verify.Cli.Subjects;
using Verify.Scenarios;

namespace Verify.Cli.Verbs;

/// <summary><c>verify check</c>: every scenario in every variant, and whether the verdict is the expected one.</summary>
internal static class CheckVerb
{
    internal static Command Make()
    {
        var scenario = new Option<string?>("--scenario") { Description = "Only this scenario." };
        var variant = new Option<string?>("--variant") { Description = "Only this variant." };
        var arguments = new CampaignArguments(schedules: 4000);
        var command = new Command(
            "check",
            "Rewrites the engine and the scenarios and explores every scenario in every variant.\n\nExample: verify check --scenario flush-vs-last-tb --variant global-flag --explore pct")
        {
            scenario, variant,
        };
        arguments.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(
            Run(parsed.GetValue(scenario), parsed.GetValue(variant), arguments.Read(parsed), cancellation)));
        return command;
    }

    private static int Run(string? scenario, string? variant, CampaignSettings settings, CancellationToken cancellation)
    {
        MemoryModelName model = Enum.Parse<MemoryModelName>(settings.Options.Memory.Machine.Model.Name, ignoreCase: true);
        CampaignCell[] cells =
        [
            .. (scenario is null ? ScenarioCatalog.All : [ScenarioCatalog.Find(scenario)])
                .SelectMany(s => s.Variants, (s, v) => new CampaignCell(s.Name, v.Name, v.ExpectedUnder(model).ToString().ToLowerInvariant(), v.Outcome ?? ""))
                .Where(c => variant is null || c.Variant == variant),
        ];
        if (cells.Length == 0)
        {
            throw new InputException($"no scenario has a variant '{variant}'; `verify list` names them");
        }

        CampaignState state = CampaignRun.Execute(settings, cells, ScenarioSubject.Modules, null, plain => ScenarioSubject.Load(plain), cancellation);
        return CampaignRun.Report("check", state, settings, file => "verify replay " + file, cancellation);
    }
}
