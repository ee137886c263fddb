using System.CommandLine;
using Verify.Checker.Campaigns;
using Verify.Cli.Output;

namespace Verify.Cli.Verbs;

/// <summary><c>verify merge</c>: joins the shards of one campaign.</summary>
internal static class MergeVerb
{
    internal static Command Make()
    {
        var files = new Argument<string[]>("FILE") { Description = "Progress files of the shards, their schedule files beside them.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output") { Description = "Folder for the joint progress.json and the schedule files.", DefaultValueFactory = _ => "verify-out" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "merge",
            "Joins the progress files of shards into what one machine would have found. Exit code as of the campaign.\n\n"
            + "Example: verify merge shard1/progress-1-of-2.json shard2/progress-2-of-2.json")
        {
            files, output, json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(files)!, parsed.GetValue(output)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string[] files, string output, bool json)
    {
        CampaignState state = CampaignFile.Load(files[0]);
        foreach (string file in files.Skip(1))
        {
            try
            {
                state.Merge(CampaignFile.Load(file));
            }
            catch (CampaignFormatException e) when (!e.Message.Contains(file, StringComparison.Ordinal))
            {
                throw new InputException($"'{file}' cannot be merged: {e.Message}");
            }
        }

        string[] open = [.. state.Statuses().Where(s => !s.Complete).Select(s => s.Cell.Name)];
        if (open.Length > 0)
        {
            throw new InputException($"{open.Length} of {state.Plan.Cells.Count} tests are not complete, {open[0]} for one; give the progress files of all shards, each run to its end");
        }

        Directory.CreateDirectory(output);
        CampaignFile.Save(state, Path.Combine(output, "progress.json"));
        CertificateFile.SaveAll(state, output);
        if (json)
        {
            CampaignText.WriteJson(state, CampaignText.Ending.Complete, output);
        }
        else
        {
            CampaignText.WriteTable(
                state, CampaignText.Ending.Complete, [state.Plan.Options.Memory.Machine.Model.Name], output, file => "verify replay " + file);
        }

        return CampaignText.ExitCode(state, CampaignText.Ending.Complete);
    }
}
