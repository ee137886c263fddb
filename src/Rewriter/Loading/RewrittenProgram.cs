using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Verify.Checker.Shims;
using Verify.Checker.Testing;

namespace Verify.Rewriter.Loading;

/// <summary>Assemblies rewritten in memory and loaded beside their originals.</summary>
/// <remarks>
/// The rewritten copies see each other; everything else, the checker first of all, is shared with the process. Static constructors are run
/// at loading, off control: one that ran inside an execution would block other controlled threads outside the checker's sight.
/// </remarks>
public sealed class RewrittenProgram
{
    private readonly Context _context;
    private readonly Dictionary<string, Assembly> _assemblies;

    private RewrittenProgram(Context context, Dictionary<string, Assembly> assemblies, IReadOnlyList<RewriteResult> results)
    {
        _context = context;
        _assemblies = assemblies;
        Results = results;
        Modules = results.ToDictionary(r => r.Assembly, r => r.OriginalModuleVersion.ToString("D"));
    }

    /// <summary>What rewriting did, per assembly.</summary>
    public IReadOnlyList<RewriteResult> Results { get; }

    /// <summary>Module versions before rewriting, by assembly name, as schedule files record them.</summary>
    public IReadOnlyDictionary<string, string> Modules { get; }

    /// <summary>Rewrites and loads the assemblies, dependencies first or last, and checks that a race planted in each of them is found.</summary>
    /// <exception cref="RewriteException">
    /// One cannot be rewritten, has a call outside control that is not allowed by name, or does not pass the self check.
    /// </exception>
    public static RewrittenProgram Load(IReadOnlyList<string> paths, RewriteOptions options)
    {
        bool planted = options.ShimTypes is null; // others need not know the members that the planted race uses
        RewrittenImage[] images = [.. AssemblyRewriter.RewriteSetInMemory(paths, options with { PlantRace = planted })];
        SiteReport[] refused = [.. images.SelectMany(i => i.Result.Report).Where(s => s.Outcome == SiteOutcome.Refused)];
        if (refused.Length > 0)
        {
            throw new RewriteException(
                $"{refused.Length} call{(refused.Length == 1 ? "" : "s")} outside control, the first at {refused[0]}; "
                + "`verify rewrite --report` lists them, `--allow NAME` takes one out of the check.");
        }

        var context = new Context([.. paths.Select(p => Path.GetDirectoryName(Path.GetFullPath(p))!).Distinct()]);
        foreach (RewrittenImage image in images)
        {
            context.Add(image);
        }

        var assemblies = images.ToDictionary(i => i.Result.Assembly, i => context.LoadFromAssemblyName(new AssemblyName(i.Result.Assembly)));
        foreach (Assembly assembly in assemblies.Values)
        {
            RunStaticConstructors(assembly);
        }

        if (planted)
        {
            foreach ((string name, Assembly assembly) in assemblies)
            {
                if (SelfCheck.Problem(assembly) is { } problem)
                {
                    throw new RewriteException(
                        $"The self check failed for {name}: {problem}. No verdict about it can be trusted; report this with the assembly.");
                }
            }
        }

        return new RewrittenProgram(context, assemblies, [.. images.Select(i => i.Result)]);
    }

    /// <summary>The rewritten copy of the assembly with that simple name.</summary>
    public Assembly Assembly(string name) => _assemblies[name];

    /// <summary>Gives static fields the values they have after loading, if rewritten with <see cref="RewriteOptions.ResetStatics"/>.</summary>
    public void ResetStatics() => StaticStateShim.Reset(_context);

    private static void RunStaticConstructors(Assembly assembly)
    {
        foreach (Type type in assembly.GetTypes())
        {
            if (type.TypeInitializer is not null && !type.ContainsGenericParameters)
            {
                RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            }
        }
    }

    private sealed class Context(string[] folders) : AssemblyLoadContext("rewritten")
    {
        private readonly Dictionary<string, RewrittenImage> _images = [];

        internal void Add(RewrittenImage image) => _images.Add(image.Result.Assembly, image);

        protected override Assembly? Load(AssemblyName name)
        {
            if (_images.TryGetValue(name.Name!, out RewrittenImage? image))
            {
                using var pe = new MemoryStream(image.Pe);
                using MemoryStream? pdb = image.Pdb is { Length: > 0 } symbols ? new MemoryStream(symbols) : null;
                return LoadFromStream(pe, pdb);
            }

            // What the process has is shared with it; what only the program under test brings is loaded from its folder.
            try
            {
                return Default.LoadFromAssemblyName(name);
            }
            catch (FileNotFoundException)
            {
                string? path = folders.Select(f => Path.Combine(f, name.Name + ".dll")).FirstOrDefault(File.Exists);
                return path is null ? null : LoadFromAssemblyPath(path);
            }
        }
    }
}
