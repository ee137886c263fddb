using Verify.Checker.Runtime;
using Verify.Cli.Subjects;
using Verify.Rewriter.Mutation;

namespace Verify.Cli.Mutants;

/// <summary>The modules on which the fate of a defect depends, by name, with their versions: what is mutated, what runs it, what looks.</summary>
internal static class MutationBuild
{
    internal static IReadOnlyDictionary<string, string> Current { get; } = Modules();

    /// <summary>In a few words, for a table.</summary>
    internal static string Text(IReadOnlyDictionary<string, string> modules) =>
        string.Join(", ", modules.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key} {m.Value[..8]}"));

    /// <summary>Names of the modules that are of another version there.</summary>
    internal static IReadOnlyList<string> DifferentIn(IReadOnlyDictionary<string, string> modules) =>
        [.. Current.Where(m => modules.GetValueOrDefault(m.Key) != m.Value).Select(m => m.Key).Order(StringComparer.Ordinal)];

    private static Dictionary<string, string> Modules()
    {
        var modules = new Dictionary<string, string>(ScenarioSubject.Modules);
        foreach (Type type in (Type[])[typeof(Site), typeof(MutationCatalog)])
        {
            modules[type.Assembly.GetName().Name!] = type.Module.ModuleVersionId.ToString("D");
        }

        return modules;
    }
}
