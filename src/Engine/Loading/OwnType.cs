using System.Reflection;

namespace Verify.Engine.Loading;

/// <summary>A kind of type that users bring in an assembly of their own, named as <c>path.dll:TypeName</c>, and how what cannot be one is refused.</summary>
/// <param name="What">What a user builds.</param>
/// <param name="Name">What it is called in full.</param>
/// <param name="Contract">What it must be.</param>
/// <param name="IsOne">Whether an exported type is.</param>
/// <param name="Refuse">Makes the exception, of one line.</param>
internal sealed record OwnType(string What, string Name, string Contract, Func<Type, bool> IsOne, Func<string, Exception> Refuse)
{
    internal Assembly LoadAssembly(string path)
    {
        try
        {
            return Assembly.LoadFrom(Path.GetFullPath(path));
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or ArgumentException)
        {
            throw Refuse(
                e is FileNotFoundException ? $"there is no file '{path}'; build your {What} and name its .dll" : $"'{path}' is not a .NET assembly that can be loaded");
        }
    }

    /// <param name="assembly">Where it is.</param>
    /// <param name="type">Its name, with or without its namespace.</param>
    /// <param name="file">The assembly's file, for messages.</param>
    internal Type Find(Assembly assembly, string type, out string file)
    {
        Type[] candidates = [.. assembly.GetExportedTypes().Where(IsOne)];
        Type[] found = [.. candidates.Where(t => t.FullName == type || t.Name == type)];
        file = Path.GetFileName(assembly.Location is { Length: > 0 } location ? location : assembly.GetName().Name + ".dll");
        return found.Length == 1
            ? found[0]
            : throw Refuse(candidates.Length == 0
                ? $"{file} has no public {Contract} of this version of the engine"
                : $"{file} has {(found.Length == 0 ? "no" : "more than one")} {Name} '{type}'; it has {string.Join(", ", candidates.Select(t => t.FullName))}");
    }
}
