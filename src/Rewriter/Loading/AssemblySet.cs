using Mono.Cecil;
using Verify.Checker;
using Verify.Rewriter.Input;

namespace Verify.Rewriter.Loading;

/// <summary>What belongs to a program under test: an assembly and the assemblies it refers to that lie beside it.</summary>
/// <param name="Rewritten">Paths to rewrite together, the assembly itself first.</param>
/// <param name="LeftAlone">Names of assemblies beside it that are loaded as they are: test frameworks, and what has no symbols of its own.</param>
/// <param name="Versions">Module version ids of the former, by assembly name, as schedule files record them.</param>
public sealed record AssemblySet(
    IReadOnlyList<string> Rewritten, IReadOnlyList<string> LeftAlone, IReadOnlyDictionary<string, string> Versions)
{
    // Frameworks of tests: their code is not what is tested, and runs its own threads.
    private static readonly string[] s_frameworks = ["Microsoft.Coyote", "xunit", "nunit", "Microsoft.VisualStudio.TestPlatform", "Microsoft.TestPlatform", "testhost"];

    /// <summary>Follows the references of an assembly.</summary>
    /// <param name="path">The assembly.</param>
    /// <param name="include">Names of assemblies to rewrite though they have no symbols.</param>
    /// <param name="leave">Names of assemblies to leave alone though they have.</param>
    /// <exception cref="RewriteException">The file is no assembly, or a name given is not among the references.</exception>
    public static AssemblySet Of(string path, IReadOnlyCollection<string> include, IReadOnlyCollection<string> leave)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var resolver = new FrameworkResolver([folder]);
        var rewritten = new List<string>();
        var leftAlone = new SortedSet<string>(StringComparer.Ordinal);
        var versions = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var queue = new Queue<string>([path]);
        while (queue.TryDequeue(out string? next))
        {
            string name = Path.GetFileNameWithoutExtension(next);
            if (!seen.Add(name))
            {
                continue;
            }

            if (next != path && (leave.Contains(name) || !IsOwn(next, name, include)))
            {
                leftAlone.Add(name);
                continue;
            }

            ModuleDefinition module = InputAssembly.Open(next, resolver).Module;
            rewritten.Add(next);
            versions.Add(module.Assembly.Name.Name, module.Mvid.ToString("D"));
            foreach (AssemblyNameReference reference in module.AssemblyReferences.OrderBy(r => r.Name, StringComparer.Ordinal))
            {
                string file = Path.Combine(folder, reference.Name + ".dll");
                if (!FrameworkResolver.IsFramework(reference.Name) && reference.Name != typeof(RewrittenAttribute).Assembly.GetName().Name && File.Exists(file))
                {
                    queue.Enqueue(file);
                }
            }
        }

        if (include.Concat(leave).FirstOrDefault(n => !seen.Contains(n)) is { } unknown)
        {
            throw new RewriteException($"{Path.GetFileName(path)} does not refer to {unknown}; it refers to {string.Join(", ", seen.Order(StringComparer.Ordinal))}.");
        }

        return new AssemblySet(rewritten, [.. leftAlone], versions);
    }

    // What someone builds has symbols beside it; packages seldom do.
    private static bool IsOwn(string path, string name, IReadOnlyCollection<string> include) =>
        include.Contains(name)
        || File.Exists(Path.ChangeExtension(path, ".pdb"))
            && !s_frameworks.Any(f => name.Equals(f, StringComparison.OrdinalIgnoreCase) || name.StartsWith(f + ".", StringComparison.OrdinalIgnoreCase));
}
