using Verify.Engine.Dirty;
using Verify.Scenarios;
using Verify.Tests.Unit.Cli;

namespace Verify.Tests.Unit.Docs;

/// <summary>docs/your-own-dirty-memory.md: what it shows compiles, its commands end as it says, and its barrier is needed.</summary>
public sealed class YourOwnDirtyMemoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("design").FullName;
    private readonly DocumentedCode _page;

    public YourOwnDirtyMemoryTests() => _page = new DocumentedCode("your-own-dirty-memory.md", _folder);

    private string Example => Assert.Single(_page.Code);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Its_commands_end_as_it_says_with_the_barrier_and_without()
    {
        string barrier = Assert.Single(Example.Split('\n'), l => l.Contains("Interlocked.MemoryBarrier();", StringComparison.Ordinal));
        DirtyMemoryEntry own = DirtyMemoryCatalog.Find(_page.Compile(Example, "out/Mine") + ":QuietBitmaps");
        _page.Compile(Example.Replace(barrier, "", StringComparison.Ordinal), "out/Wrong");
        string[] commands = _page.Commands;
        Assert.Equal(5, commands.Length);
        int verdicts = 3 * ScenarioCatalog.All.Count(s => s is IDirtyScenario takes && takes.AppliesTo(own));
        _page.Run(commands[0] + " --schedules 5", 0, $"All {verdicts} verdicts are as expected");
        _page.Run(commands[1], 1, "page 0: the display's copy is stale and the page is clean for it", "schedule 12)");
        _page.Run(commands[2], 1, "Reproduced Assertion", "Interlocked.MemoryBarrier");
        _page.Run(commands[3], 0, "spinlock 40000", "output and exit code are those of a run without");

        // The command with the benchmarks beside it, which the build puts there.
        string built = Path.GetRelativePath(Path.Combine(Repository.Folder, "tests", "Unit", "bin"), Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string verify = Path.Combine(Repository.Folder, "tools", "Verify", "bin", built, "verify.dll");
        (int ended, string output, string error) = CommandLine.RunProgram(_folder, "dotnet", [verify, .. commands[4].Split(' '), "--schedules", "2"]);
        Assert.True(ended == 0 && output.Contains("out/Mine.dll:QuietBitmaps"), output + error);
        string table = File.ReadAllText(Path.Combine(_folder, "verify-out", "compare", "compare.md"));
        Assert.Contains("| cache lines written by setting one page, all clients (lines) |  | 1 | 3 | 2 | 3 | 2 | 4 | 4 | 3 |", table);
        string[] measured = Assert.Single(table.Split('\n'), l => l.StartsWith("| set one page, one client (ns) |", StringComparison.Ordinal)).Split('|')[3..^1];
        Assert.Equal(8, measured.Count(m => m.Any(char.IsAsciiDigit))); // the seven of the catalogue, and this one
    }

    [Fact]
    public void It_does_what_the_reference_does()
    {
        DirtyMemoryEntry own = DirtyMemoryCatalog.Find(_page.Compile(Example, "Does" + Guid.NewGuid().ToString("N")[..8]) + ":QuietBitmaps");
        Assert.Equal(("quiet-bitmaps", true), (own.Name, own.IsSound));
        using IDirtyMemoryDesign design = own.Create(new DirtyMemoryOptions { Pages = 128, MaxPages = 128 });
        IDirtyMemory view = design.Attach();
        view.SetDirty(5, DirtyClient.Migration);
        view.SetDirty(5, DirtyClient.Migration);
        Assert.True(view.TestAndClearDirty(new PageRange(5, 1), DirtyClient.Migration));
        Assert.False(view.TestAndClearDirty(new PageRange(0, 128), DirtyClient.Migration));
        view.Detach();
    }

    [Fact]
    public void What_is_not_there_or_cannot_be_one_is_named_in_one_line()
    {
        string path = _page.Compile(Example, "Named" + Guid.NewGuid().ToString("N")[..8]);
        string other = _page.Compile("public class Nothing;", "Other" + Guid.NewGuid().ToString("N")[..8]);
        string type = Assert.Throws<DirtyMemoryException>(() => DirtyMemoryCatalog.Find(path + ":Quiet")).Message;
        string none = Assert.Throws<DirtyMemoryException>(() => DirtyMemoryCatalog.Find(other + ":Nothing")).Message;
        string file = Assert.Throws<DirtyMemoryException>(() => DirtyMemoryCatalog.Find("nowhere.dll:Quiet")).Message;
        File.WriteAllText(Path.Combine(_folder, "text.dll"), "no assembly");
        string text = Assert.Throws<DirtyMemoryException>(() => DirtyMemoryCatalog.Find(Path.Combine(_folder, "text.dll") + ":Quiet")).Message;
        Assert.Contains("Mine.QuietBitmaps", type);
        Assert.Contains("no public class that implements IDirtyMemoryDesign<itself>", none);
        Assert.Contains("there is no file 'nowhere.dll'", file);
        Assert.Contains("not a .NET assembly", text);
        Assert.DoesNotContain('\n', type + none + file + text);
    }
}
