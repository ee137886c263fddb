namespace Verify.Tests.Unit.Cli;

/// <summary>Help is complete: every verb says what it does, what it returns, and gives an example whose options exist.</summary>
public class HelpTests
{
    public static TheoryData<string> Verbs
    {
        get
        {
            (_, string help, _) = CommandLine.Run("--help");
            string commands = help[help.IndexOf("Commands:", StringComparison.Ordinal)..];
            return [.. commands.Split('\n').Skip(1).Where(l => l.Length > 2 && l[2] != ' ').Select(l => l.Trim().Split(' ')[0])];
        }
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_verb_gives_an_example_whose_options_it_has(string verb)
    {
        (int exitCode, string help, _) = CommandLine.Run(verb, "--help");
        Assert.Equal(0, exitCode);
        string[] examples = [.. help.Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("Example: verify " + verb, StringComparison.Ordinal))];
        Assert.NotEmpty(examples);
        string options = help[help.IndexOf("Options:", StringComparison.Ordinal)..];
        Assert.All(
            examples.SelectMany(e => e.Split(' ')).Where(w => w.StartsWith("--", StringComparison.Ordinal)),
            option => Assert.Contains(option + " ", options.Replace('\n', ' ')));
    }

    [Fact]
    public void The_commands_are_those_of_the_readme()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Folder, "README.md"));
        Assert.All(Verbs, verb => Assert.Contains($"| `verify {verb.Data}", readme));
    }
}
