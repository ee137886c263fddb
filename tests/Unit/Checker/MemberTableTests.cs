using System.Reflection;
using System.Text;
using Verify.Checker.Shims;
using Verify.Rewriter;

namespace Verify.Tests.Unit.Checker;

/// <summary>The page docs/design/modelled-members.md, made from the shims and the table of the rewriter, and compared with the file.</summary>
public class MemberTableTests
{
    private const string Regenerate = "VERIFY_WRITE_DOCS=1";

    [Fact]
    public void The_page_lists_every_member_of_every_modelled_type_and_what_becomes_of_it()
    {
        string file = Path.Combine(Repository.Folder, "docs", "design", "modelled-members.md");
        string page = Make();
        if (Environment.GetEnvironmentVariable("VERIFY_WRITE_DOCS") == "1")
        {
            File.WriteAllText(file, page);
        }

        Assert.True(File.ReadAllText(file) == page, $"docs/design/modelled-members.md is out of date; run this test once with {Regenerate}");
    }

    private static string Make()
    {
        var page = new StringBuilder(
            """
            # Modelled members

            Every public member of every type the checker models, made from the shims by a test. What is not here and would block or communicate is
            refused: `src/Rewriter/UncontrolledMembers.txt`. See control.md.

            | type | controlled | passed through: no synchronization | refused, by call site |
            |---|---|---|---|

            """);
        foreach (Type shim in RewriteMap.Default.Where(t => t.GetCustomAttribute<ShimForAttribute>() is not null).OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            ModelledMember[] members = [.. CoverageTests.Members(shim.Name)];
            page.Append("| ").Append(members[0].Type).Append(" | ")
                .Append(Names(members.Where(m => m.Match == RewriteMap.Match.Shimmed))).Append(" | ")
                .Append(Names(members.Where(m => m.Match == RewriteMap.Match.PassThrough))).Append(" | ")
                .Append(string.Join("; ", members.Where(m => m.Match == RewriteMap.Match.NoShim).GroupBy(m => m.Refusal).Select(g => $"{Names(g)}: {g.Key}")))
                .Append(" |\n");
        }

        return page.ToString();
    }

    private static string Names(IEnumerable<ModelledMember> members) => string.Join(", ", members.Select(m => m.Name).Distinct());
}
