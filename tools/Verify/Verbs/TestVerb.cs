using System.CommandLine;
using Verify.Checker.Campaigns;
using Verify.Checker.MemoryModels;
using Verify.Cli.Subjects;
using Verify.Rewriter.Loading;

namespace Verify.Cli.Verbs;

/// <summary><c>verify test</c>: the concurrency tests of an assembly the user names.</summary>
internal static class TestVerb
{
    internal static Command Make()
    {
        var assembly = new Argument<string>("DLL") { Description = "The assembly with the tests. It and its own references are rewritten in memory; the files stay as they are." };
        var filter = new Option<string?>("--filter") { Description = "Only tests whose name contains this." };
        var program = new ProgramArguments();
        var arguments = new CampaignArguments(schedules: 1000, [MemoryModel.Sc.Name]);
        var command = new Command(
            "test",
            "Runs methods marked [Verify.Checker.Test], or [Microsoft.Coyote.SystematicTesting.Test], under many schedules. Exit code 1: a test failed.\n\n"
            + "Example: verify test bin/Release/net10.0/My.Tests.dll --filter Queue --schedules 10000")
        {
            assembly, filter,
        };
        program.AddTo(command);
        arguments.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(
            Run(program.Read(parsed, parsed.GetValue(assembly)!), parsed.GetValue(filter), arguments.Read(parsed), cancellation)));
        return command;
    }

    private static int Run(AssemblySubject.Source source, string? filter, CampaignSettings settings, CancellationToken cancellation)
    {
        IReadOnlyList<TestMethod> all = TestMethods.Find(source.Path);
        if (all.Count == 0)
        {
            throw new InputException($"{source.Path} has no tests; mark public methods with [Verify.Checker.Test]");
        }

        TestMethod[] chosen = [.. all.Where(t => filter is null || t.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))];
        if (chosen.Length == 0)
        {
            throw new InputException($"no test's name contains '{filter}'; there are {string.Join(", ", all.Select(t => t.Name))}");
        }

        if (chosen.FirstOrDefault(t => t.Problem is not null) is { } unusable)
        {
            throw new InputException($"{unusable.Name} cannot be run: {unusable.Problem}; change it, or leave it out with --filter");
        }

        AssemblySet set = source.Set();
        if (set.LeftAlone.Count > 0)
        {
            Console.Error.WriteLine(
                $"Not rewritten, so outside control and with static state that is not reset: {string.Join(", ", set.LeftAlone)}. --include NAME rewrites one too.");
        }

        CampaignState state = CampaignRun.Execute(
            settings, _ => [.. chosen.Select(t => new CampaignCell(t.Name))], ProgramUnderTest.Of(source), cancellation);
        return CampaignRun.Report("test", state, settings, file => $"verify replay {file} --assembly {source.Path}", cancellation);
    }
}
