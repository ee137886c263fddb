using System.CommandLine;
using Verify.Rewriter;

namespace Verify.Cli.Verbs;

/// <summary><c>verify rewrite</c>: writes assemblies whose synchronization is redirected to the checker.</summary>
internal static class RewriteVerb
{
    internal static Command Make()
    {
        var files = new Argument<string[]>("DLL") { Description = "Assemblies to rewrite together.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output") { Description = "Folder for the rewritten assemblies.", DefaultValueFactory = _ => "verify-out/rewritten" };
        var report = new Option<bool>("--report") { Description = "List every call and access: controlled, passed through or refused." };
        var allow = new Option<string[]>("--allow") { Description = "Uncontrolled types or members to let pass, by full name.", DefaultValueFactory = _ => [] };
        var command = new Command("rewrite", "Rewrites assemblies for the checker.\n\nExample: verify rewrite bin/Release/net10.0/My.dll --output out")
        {
            files, output, report, allow,
        };
        command.SetAction(parsed => Run(parsed.GetValue(files)!, parsed.GetValue(output)!, parsed.GetValue(report), parsed.GetValue(allow)!));
        return command;
    }

    private static int Run(string[] files, string output, bool report, string[] allow)
    {
        IReadOnlyList<RewriteResult> results = AssemblyRewriter.RewriteSet(
            files, output, new RewriteOptions { AllowedUncontrolled = allow.ToHashSet(StringComparer.Ordinal), PlantRace = true });
        int refused = 0;
        foreach (RewriteResult result in results)
        {
            Console.WriteLine($"{result.Assembly}: {result.Sites.Count} sites redirected");
            foreach (string note in result.Notes)
            {
                Console.WriteLine("  " + note);
            }

            foreach (SiteReport site in result.Report.Where(s => report || s.Outcome == SiteOutcome.Refused))
            {
                Console.WriteLine($"  {site.Outcome}: {site}");
            }

            refused += result.Report.Count(s => s.Outcome == SiteOutcome.Refused);
        }

        if (refused > 0)
        {
            Console.Error.WriteLine(
                $"verify: {refused} call sites above are outside control; model-free code must be allowed by name: --allow System.Threading.Timer");
            return ExitCodes.Found;
        }

        return ExitCodes.Expected;
    }
}
