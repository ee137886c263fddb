using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Verify.Tests.Unit.Cli;

namespace Verify.Tests.Unit.Docs;

/// <summary>A page whose code is compiled and whose commands are run, in a folder of its own.</summary>
internal sealed class DocumentedCode(string page, string folder)
{
    private const string Usings = "global using System; global using System.Linq; global using System.Threading; global using System.Collections.Generic;";

    private readonly string _text = File.ReadAllText(Path.Combine(Repository.Folder, "docs", page));

    /// <summary>All of the page.</summary>
    internal string Text => _text;

    /// <summary>Its blocks of C#, in order.</summary>
    internal string[] Code => [.. _text.Split("```csharp").Skip(1).Select(b => b[..b.IndexOf("```", StringComparison.Ordinal)].Trim('\n'))];

    /// <summary>Its commands, in order, without their first word.</summary>
    internal string[] Commands =>
        [.. _text.Split('\n').Where(l => l.StartsWith("    verify ", StringComparison.Ordinal)).Select(l => l.Trim()["verify ".Length..])];

    /// <summary>Compiles a source as a library in the folder.</summary>
    internal string Compile(string source, string name)
    {
        string path = Path.Combine(folder, name + ".dll");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p));
        EmitResult result = CSharpCompilation.Create(
            Path.GetFileName(name),
            [CSharpSyntaxTree.ParseText(source), CSharpSyntaxTree.ParseText(Usings)],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true)).Emit(path);
        Assert.True(result.Success, string.Join(Environment.NewLine, result.Diagnostics));
        return path;
    }

    /// <summary>Runs a command of the page, which must end as it says.</summary>
    internal void Run(string command, int exitCode, params string[] says)
    {
        string[] words = command.Replace("guests/bin", Path.Combine(Repository.Folder, "guests", "bin")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (int ended, string output, string error) = CommandLine.RunIn(folder, words);
        Assert.True(ended == exitCode, $"{command} ended with {ended}\n{output}{error}");
        Assert.All(says, s => Assert.Contains(s, output + error, StringComparison.Ordinal));
    }
}
