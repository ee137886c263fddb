using Mono.Cecil;

namespace Verify.Rewriter.Input;

/// <summary>Finds referenced assemblies: the rewritten set, the input's folder, the user's folders, the running framework.</summary>
/// <remarks>Not Cecil's default, which also looks into the current directory: what a rewrite does must not depend on where it is started.</remarks>
internal sealed class FrameworkResolver(IReadOnlyList<string> directories) : IAssemblyResolver
{
    private static readonly Lazy<Dictionary<string, string>> s_platform = new(ReadPlatform);

    private readonly Dictionary<string, AssemblyDefinition> _loaded = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ModuleDefinition> _byPath = [];

    /// <summary>The metadata of a loaded type.</summary>
    internal TypeDefinition Definition(Type type)
    {
        string path = type.Assembly.Location;
        if (path.Length == 0)
        {
            throw new RewriteException($"{type.Assembly.GetName().Name}, which holds {type.Name}, has no file; run it unbundled.");
        }

        if (!_byPath.TryGetValue(path, out ModuleDefinition? module))
        {
            AssemblyDefinition assembly = Read(path);
            _byPath.Add(path, module = assembly.MainModule);
            _loaded.TryAdd(assembly.Name.Name, assembly);
        }

        return (TypeDefinition)module.LookupToken(type.MetadataToken);
    }

    public AssemblyDefinition Resolve(AssemblyNameReference name) => Resolve(name, new ReaderParameters());

    public AssemblyDefinition Resolve(AssemblyNameReference name, ReaderParameters parameters)
    {
        if (_loaded.TryGetValue(name.Name, out AssemblyDefinition? assembly))
        {
            return assembly;
        }

        string? path = directories.Select(d => Path.Combine(d, name.Name + ".dll")).FirstOrDefault(File.Exists)
            ?? s_platform.Value.GetValueOrDefault(name.Name);
        assembly = path is null ? throw new AssemblyResolutionException(name) : Read(path);
        _loaded.Add(name.Name, assembly);
        return assembly;
    }

    /// <summary>Whether the assembly is part of the running framework.</summary>
    internal static bool IsFramework(string name) => s_platform.Value.ContainsKey(name) || name is "mscorlib" or "netstandard";

    public void Dispose()
    {
        foreach (AssemblyDefinition assembly in _loaded.Values.Concat(_byPath.Values.Select(m => m.Assembly)).Distinct())
        {
            assembly.Dispose();
        }
    }

    private AssemblyDefinition Read(string path) =>
        AssemblyDefinition.ReadAssembly(new MemoryStream(File.ReadAllBytes(path)), new ReaderParameters { AssemblyResolver = this });

    private static Dictionary<string, string> ReadPlatform()
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return Directory.EnumerateFiles(framework, "*.dll").ToDictionary(p => Path.GetFileNameWithoutExtension(p)!, StringComparer.OrdinalIgnoreCase);
    }
}
