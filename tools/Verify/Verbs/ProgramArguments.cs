using System.CommandLine;
using Verify.Cli.Subjects;

namespace Verify.Cli.Verbs;

/// <summary>What <c>test</c> and <c>replay</c> share on the command line: how an assembly is rewritten.</summary>
internal sealed class ProgramArguments
{
    private readonly Option<string[]> _allow = Names("--allow", "Uncontrolled types or members to let pass, by full name.");
    private readonly Option<string[]> _include = Names("--include", "References to rewrite though they have no symbols beside them.");
    private readonly Option<string[]> _leave = Names("--leave", "References not to rewrite though they have.");

    internal void AddTo(Command command)
    {
        command.Options.Add(_allow);
        command.Options.Add(_include);
        command.Options.Add(_leave);
    }

    internal AssemblySubject.Source Read(ParseResult parsed, string path) =>
        new(path, parsed.GetValue(_allow)!, parsed.GetValue(_include)!, parsed.GetValue(_leave)!);

    private static Option<string[]> Names(string name, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
}
