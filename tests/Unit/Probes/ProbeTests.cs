using System.Text.RegularExpressions;
using Verify.Checker.Runtime;
using Verify.Rewriter;

namespace Verify.Tests.Unit.Probes;

/// <summary>Each modelled type in wrong and in correct programs, through the whole pipeline; what is wrong is found and replayed, what is correct is cleared.</summary>
/// <remarks>The folder Programs has a file a type. A method's name ends in two underscores and its verdict: a <see cref="FailureKind"/>, or Clean.</remarks>
public partial class ProbeTests
{
    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (string program in Probe.Names)
            {
                foreach (Match test in Tests().Matches(Probe.Source(program)))
                {
                    all.Add(program, test.Groups[1].Value);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_program_gets_its_verdict(string program, string test)
    {
        Probe probe = Probe.Of(Probe.Source(program));
        string verdict = test[(test.LastIndexOf("__", StringComparison.Ordinal) + 2)..];
        if (verdict == "Clean")
        {
            probe.IsClean(test);
        }
        else
        {
            probe.Finds(test, Enum.Parse<FailureKind>(verdict));
        }
    }

    // An ordinary pointer is no interleaving point, but never reads memory that is gone.
    [Fact]
    public void A_plain_access_to_freed_memory_is_found_where_plain_accesses_are_rewritten()
    {
        const string Source = """
            public static void Freed_by_another()
            {
                int* p = (int*)NativeMemory.AllocZeroed(16);
                Run(() => NativeMemory.Free(p), () => p[1] = 5);
            }

            public static void Freed_after_the_join()
            {
                int* p = (int*)NativeMemory.AllocZeroed(16);
                Run(() => p[0] = 4, () => p[1] = 5);
                Check(p[0] + p[1] == 9);
                NativeMemory.Free(p);
            }
            """;
        Probe probe = Probe.Build(Source, new RewriteOptions { PlainAccesses = true });

        probe.Finds("Freed_by_another", FailureKind.UseAfterFree);
        probe.IsClean("Freed_after_the_join");
    }

    [Fact]
    public void Every_file_has_a_wrong_and_a_correct_program() => Assert.All(Probe.Names, program =>
    {
        string[] tests = [.. Tests().Matches(Probe.Source(program)).Select(m => m.Groups[1].Value)];
        Assert.Contains(tests, t => t.EndsWith("__Clean", StringComparison.Ordinal));
        Assert.Contains(tests, t => !t.EndsWith("__Clean", StringComparison.Ordinal));
    });

    [GeneratedRegex(@"public static void (\w+__\w+)\(\)")]
    private static partial Regex Tests();
}
