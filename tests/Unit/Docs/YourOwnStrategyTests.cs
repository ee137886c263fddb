using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Tests.Unit.Cli;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Docs;

/// <summary>docs/your-own-strategy.md: what it shows compiles, runs, is checked, and is found out when a line is wrong.</summary>
public sealed class YourOwnStrategyTests : IDisposable
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Guests.Folder, "..", "..", "docs", "your-own-strategy.md"));

    private readonly string _folder = Directory.CreateTempSubdirectory("strategy").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_example_runs_guests_like_a_strategy_of_the_catalogue()
    {
        InvalidationEntry own = InvalidationCatalog.Find(Compile(Example));
        Assert.Equal(("one-word", true), (own.Name, own.IsSound));
        StringWriter console = new();
        GuestResult result = GuestRun.Execute(
            Guests.Load("spinlock"), 2, own, new MachineOptions { TbCapacity = 8 }, console, TestContext.Current.CancellationToken);
        Assert.Equal(("spinlock 40000\n", 0L), (console.ToString(), result.ExitCode));
    }

    [Fact]
    public void The_example_is_checked_clean_and_with_a_line_wrong_it_is_found_out()
    {
        string[] check = ["check", "--scenario", "external-flush", "--schedules", "300", "--output", _folder, "--strategy"];
        (int right, string clean, string complaint) = CommandLine.Run([.. check, Compile(Example)]);
        (int wrong, string racy, _) = CommandLine.Run([.. check, Compile(Example.Replace("_flushed = ulong.MaxValue", "_flushed |= 1"))]);

        Assert.True(right == 0, clean + complaint);
        Assert.Equal(1, wrong);
        Assert.Contains("patches a recycled block", racy);
    }

    [Fact]
    public void What_is_not_there_is_named_in_one_line()
    {
        string own = Compile(Example);
        string path = own[..^"OneWord".Length];
        string type = Assert.Throws<UnknownStrategyException>(() => InvalidationCatalog.Find(path + "TwoWords")).Message;
        string file = Assert.Throws<UnknownStrategyException>(() => InvalidationCatalog.Find("nowhere.dll:OneWord")).Message;
        Assert.Contains("Mine.OneWord", type);
        Assert.Contains("there is no file 'nowhere.dll'", file);
        Assert.DoesNotContain('\n', type + file);
    }

    [Fact]
    public void The_page_lists_the_combinations_that_are_unsound()
    {
        InvalidationEntry[] unsound = [.. InvalidationCatalog.Combinations.Where(c => !c.IsSound)];
        Assert.Equal(5, unsound.Length);
        Assert.All(unsound, c => Assert.Contains($"| {c.Name.Replace("/", " | ")} | {c.UnsoundBecause} |", s_page));
    }

    private static string Example
    {
        get
        {
            int start = s_page.IndexOf("```csharp", StringComparison.Ordinal) + "```csharp".Length;
            return s_page[start..s_page.IndexOf("```", start, StringComparison.Ordinal)];
        }
    }

    private string Compile(string source)
    {
        string name = "Mine" + Guid.NewGuid().ToString("N")[..8]; // an assembly of one name is loaded once
        string path = Path.Combine(_folder, name + ".dll");
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p));
        EmitResult result = CSharpCompilation.Create(
            name, [CSharpSyntaxTree.ParseText(source)], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)).Emit(path);
        Assert.True(result.Success, string.Join(Environment.NewLine, result.Diagnostics));
        return path + ":OneWord";
    }
}
