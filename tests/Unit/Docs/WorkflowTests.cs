using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Verify.Tests.Unit.Docs;

/// <summary>The workflow of this repository and those docs/ci.md shows can be read as YAML, and what they name exists.</summary>
public partial class WorkflowTests
{
    private static readonly string s_workflow = File.ReadAllText(Path.Combine(Repository.Folder, ".github", "workflows", "verify.yml"));

    private static readonly string s_page = File.ReadAllText(Path.Combine(Repository.Folder, "docs", "ci.md"));

    public static TheoryData<string> Documents => [s_workflow, .. Blocks().Matches(s_page).Select(m => m.Groups[1].Value)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void It_is_YAML_with_jobs(string text)
    {
        YamlMappingNode root = Read(text);

        Assert.Contains(root.Children.Keys, key => ((YamlScalarNode)key).Value is "jobs" or "kind");
    }

    [Fact]
    public void An_expression_that_is_not_quoted_in_a_flow_mapping_is_seen() =>
        Assert.Throws<SemanticErrorException>(() => Read("with: { name: shard-${{ matrix.shard }}, path: verify-out }"));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Each_matrix_value_that_a_job_uses_is_in_its_matrix(string text)
    {
        if (!Read(text).Children.TryGetValue("jobs", out YamlNode? jobs))
        {
            return; // not of this kind of workflow
        }

        foreach ((YamlNode name, YamlNode job) in ((YamlMappingNode)jobs).Children)
        {
            HashSet<string> keys = [.. Keys(job)];
            Assert.All(
                Strings(job).SelectMany(s => Matrix().Matches(s)).Select(m => m.Groups[1].Value),
                used => Assert.True(keys.Contains("matrix") && keys.Contains(used), $"job {name} uses matrix.{used}"));
        }
    }

    [Fact]
    public void The_jobs_need_jobs_that_exist_and_run_scripts_that_exist()
    {
        var jobs = (YamlMappingNode)Read(s_workflow).Children["jobs"];
        foreach (YamlNode job in jobs.Children.Values)
        {
            Assert.True(!((YamlMappingNode)job).Children.TryGetValue("needs", out YamlNode? needs) || jobs.Children.ContainsKey(needs));
            Assert.All(
                Strings(job).SelectMany(s => Scripts().Matches(s)).Select(m => m.Value),
                script => Assert.True(File.Exists(Path.Combine(Repository.Folder, script)), script));
        }
    }

    private static YamlMappingNode Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private static IEnumerable<string> Strings(YamlNode node) => node.AllNodes.OfType<YamlScalarNode>().Select(s => s.Value ?? "");

    private static IEnumerable<string> Keys(YamlNode node) =>
        node.AllNodes.OfType<YamlMappingNode>().SelectMany(m => m.Children.Keys).OfType<YamlScalarNode>().Select(k => k.Value ?? "");

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"matrix\.(\w+)")]
    private static partial Regex Matrix();

    [GeneratedRegex(@"(?:tests/\S+\.sh|\.ci/\S+)")]
    private static partial Regex Scripts();
}
