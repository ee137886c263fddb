using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Docs;

/// <summary>docs/your-own-strategy.md: what it shows compiles, its commands end as it says, and its mistake is found and mended.</summary>
public sealed class YourOwnStrategyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("strategy").FullName;
    private readonly DocumentedCode _page;

    public YourOwnStrategyTests() => _page = new DocumentedCode("your-own-strategy.md", _folder);

    private string Wrong => _page.Code[0];

    private string Mended => Wrong
        .Replace(LineOf("CodeLeft", Wrong), _page.Code[1], StringComparison.Ordinal)
        .Replace(LineOf("BlockChosen", Wrong), _page.Code[2], StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Its_commands_end_as_it_says_with_the_mistake_and_without()
    {
        string[] commands = _page.Commands;
        Assert.Equal(7, commands.Length);
        _page.Compile(Wrong, "out/Mine");
        _page.Run(commands[0], 0, "spinlock 40000");
        _page.Run(commands[1], 1, "flush-vs-last-tb/out/Mine.dll:Stamp: Assertion: vCPU 1 patches a recycled block", "schedule 5)", "expected clean");
        _page.Run(commands[2], 1, "to   1 preemption, 4 switches", ".found.shrunk.schedule.json --strategy out/Mine.dll:Stamp");
        _page.Run(commands[3], 1, "preempted", "✗ vCPU 1 patches a recycled block", "Reproduced Assertion");

        _page.Compile(Mended, "out/Mine");
        _page.Run(commands[4] + " --model sc --schedules 30", 0, "verdicts are as expected", "vCPU 0 executes a recycled block");
        _page.Run(commands[5], 2, "is stale");
        _page.Run(commands[6] + " --schedules 2 --no-costs", 0, "out/Mine.dll:Stamp", "racy");
    }

    [Fact]
    public void Mended_it_runs_guests_like_a_strategy_of_the_catalogue()
    {
        InvalidationEntry own = InvalidationCatalog.Find(_page.Compile(Mended, "Runs" + Guid.NewGuid().ToString("N")[..8]) + ":Stamp");
        Assert.Equal(("stamp", true), (own.Name, own.IsSound));
        StringWriter console = new();
        GuestResult result = GuestRun.Execute(
            Guests.Load("spinlock"), 2, own, new MachineOptions { TbCapacity = 8 }, console, TestContext.Current.CancellationToken);
        Assert.Equal(("spinlock 40000\n", 0L), (console.ToString(), result.ExitCode));
    }

    [Fact]
    public void What_is_not_there_is_named_in_one_line()
    {
        string path = _page.Compile(Wrong, "Named" + Guid.NewGuid().ToString("N")[..8]);
        string type = Assert.Throws<UnknownStrategyException>(() => InvalidationCatalog.Find(path + ":Stamps")).Message;
        string file = Assert.Throws<UnknownStrategyException>(() => InvalidationCatalog.Find("nowhere.dll:Stamp")).Message;
        Assert.Contains("Mine.Stamp", type);
        Assert.Contains("there is no file 'nowhere.dll'", file);
        Assert.DoesNotContain('\n', type + file);
    }

    [Fact]
    public void The_page_lists_the_combinations_that_are_unsound()
    {
        InvalidationEntry[] unsound = [.. InvalidationCatalog.Combinations.Where(c => !c.IsSound)];
        Assert.Equal(5, unsound.Length);
        Assert.All(unsound, c => Assert.Contains($"| {c.Name.Replace("/", " | ")} | {c.UnsoundBecause} |", _page.Text));
    }

    private static string LineOf(string hook, string source) =>
        Assert.Single(source.Split('\n'), l => l.Contains($" void {hook}(", StringComparison.Ordinal));
}
