using Verify.Cli;
using Verify.Cli.Mutants;
using Verify.Rewriter.Mutation;

namespace Verify.Tests.Unit.Cli;

public sealed class MutationHistoryTests : IDisposable
{
    private static readonly MutationPlan s_plan = new(100, 1);

    private readonly string _folder = Directory.CreateTempSubdirectory("verify-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string ProgressFile => Path.Combine(_folder, "mutants.json");

    [Fact]
    public void A_progress_file_of_this_build_is_resumed_as_it_is()
    {
        MutantResult killed = Killed("A.B.M()", 0, "some/variant");
        MutationProgress.Save(ProgressFile, s_plan, [killed]);

        MutantResult resumed = Assert.Single(MutationProgress.Load(ProgressFile, s_plan, [killed.Site], carry: false));

        Assert.Equal(killed, resumed);
    }

    [Fact]
    public void A_progress_file_of_another_build_is_refused_and_named_or_carried_and_marked()
    {
        MutantResult killed = Killed("A.B.M()", 0, "some/variant");
        MutationProgress.Save(ProgressFile, s_plan, [killed]);
        string engine = MutationBuild.Current["Verify.Engine"];
        File.WriteAllText(ProgressFile, File.ReadAllText(ProgressFile).Replace(engine, Guid.Empty.ToString("D"), StringComparison.Ordinal));

        InputException refused = Assert.Throws<InputException>(() => MutationProgress.Load(ProgressFile, s_plan, [killed.Site], carry: false));
        MutantResult carried = Assert.Single(MutationProgress.Load(ProgressFile, s_plan, [killed.Site], carry: true));

        Assert.Contains("Verify.Engine differ", refused.Message);
        Assert.Contains("--carry", refused.Message);
        Assert.True(carried.IsCarried);
        Assert.Contains("1 were decided by earlier builds", MutationReport.Markdown([carried], 1, s_plan));
        Assert.Equal(killed.Site.Mutation, Assert.Single(MutationProgress.Hints(ProgressFile, mustExist: true)).Site.Mutation);
    }

    [Fact]
    public void A_file_that_is_no_progress_file_is_refused_by_name_and_is_no_hint_otherwise()
    {
        File.WriteAllText(ProgressFile, "{ \"format\": 1 }");

        Assert.Throws<InputException>(() => MutationProgress.Load(ProgressFile, s_plan, [], carry: false));
        Assert.Throws<InputException>(() => MutationProgress.Hints(ProgressFile, mustExist: true));
        Assert.Empty(MutationProgress.Hints(ProgressFile, mustExist: false));
    }

    [Fact]
    public void What_killed_in_the_method_comes_before_what_killed_in_the_type()
    {
        var history = new KillHistory();
        history.Learn(Killed("A.B.Other(int)", 0, "second/v"));
        history.Learn(Killed("A.B.Other(int)", 1, "second/v"));
        history.Learn(Killed("A.B.M()", 0, "first/v"));
        history.Learn(Killed("A.C.M()", 0, "elsewhere/v"));
        history.Learn(Killed("A.B.M()", 2, "survived/v") with { Fate = Fate.Survived });

        Assert.Equal(["first/v", "second/v"], history.Near(new Mutation("drop-lock", "A.B.M()", 7)));
        Assert.Equal("first/v", history.Of(new Mutation("drop-lock", "A.B.M()", 0))?.Cell);
        Assert.Null(history.Of(new Mutation("drop-lock", "A.B.M()", 7)));
    }

    private static MutantResult Killed(string method, int ordinal, string by) =>
        new(new MutationSite(new Mutation("drop-lock", method, ordinal), "File.cs", 3, "Monitor.Enter", "abc"), Fate.Killed, by, "sc", "Deadlock: x", 5, 2);
}
