using System.Reflection;
using Verify.Engine.Invalidation;

namespace Verify.Engine.Dirty;

/// <summary>A design that its own type can make: what a design of one's own implements to be named on a command line.</summary>
/// <typeparam name="TSelf">The implementing class itself.</typeparam>
public interface IDirtyMemoryDesign<TSelf> : IDirtyMemoryDesign
    where TSelf : IDirtyMemoryDesign<TSelf>
{
    /// <summary>Makes one. Called by one thread, before the memory is used; the options have not been validated.</summary>
    static abstract TSelf Create(DirtyMemoryOptions options);
}

/// <summary>What a design of one's own tells the catalogue about itself. Without it: its type's name, and that it is sound.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class DirtyMemoryDesignAttribute(string name, string summary) : Attribute
{
    public string Name { get; } = name;

    public string Summary { get; } = summary;
}

/// <summary>Finds a dirty-memory design in an assembly that is not ours; <see cref="StrategyLoader"/> does the same for strategies.</summary>
public static class DirtyMemoryLoader
{
    /// <summary>Splits <c>path.dll:TypeName</c> and loads it.</summary>
    /// <returns>Null if the text does not look like that.</returns>
    /// <exception cref="DirtyMemoryException">It does, but there is no such design. One line.</exception>
    public static DirtyMemoryEntry? TryLoad(string specification)
    {
        if (StrategyLoader.Split(specification) is not var (path, type))
        {
            return null;
        }

        Assembly assembly;
        try
        {
            assembly = Assembly.LoadFrom(Path.GetFullPath(path));
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or ArgumentException)
        {
            throw new DirtyMemoryException(
                e is FileNotFoundException ? $"there is no file '{path}'; build your design and name its .dll" : $"'{path}' is not a .NET assembly that can be loaded");
        }

        return Load(assembly, type);
    }

    /// <param name="assembly">Where it is.</param>
    /// <param name="type">Name of a public class that implements <see cref="IDirtyMemoryDesign{TSelf}"/> of itself, with or without its namespace.</param>
    /// <exception cref="DirtyMemoryException">The type is not there or cannot be one. One line.</exception>
    public static DirtyMemoryEntry Load(Assembly assembly, string type)
    {
        Type[] candidates = [.. assembly.GetExportedTypes().Where(IsDesign)];
        Type[] found = [.. candidates.Where(t => t.FullName == type || t.Name == type)];
        string file = Path.GetFileName(assembly.Location is { Length: > 0 } location ? location : assembly.GetName().Name + ".dll");
        if (found.Length != 1)
        {
            throw new DirtyMemoryException(candidates.Length == 0
                ? $"{file} has no public class that implements IDirtyMemoryDesign<itself> of this version of the engine"
                : $"{file} has {(found.Length == 0 ? "no" : "more than one")} dirty-memory design '{type}'; it has {string.Join(", ", candidates.Select(t => t.FullName))}");
        }

        DirtyMemoryDesignAttribute about = found[0].GetCustomAttribute<DirtyMemoryDesignAttribute>()
            ?? new DirtyMemoryDesignAttribute(found[0].Name, "from " + file);
        return typeof(DirtyMemoryLoader).GetMethod(nameof(Of))!.MakeGenericMethod(found[0])
            .CreateDelegate<Func<string, string, string, DirtyMemoryEntry>>()(about.Name, about.Summary, file);
    }

    /// <summary>An entry for a design from any assembly, of which nothing is known to be wrong.</summary>
    public static DirtyMemoryEntry Of<TDesign>(string name, string summary, string source)
        where TDesign : class, IDirtyMemoryDesign<TDesign> =>
        new(name, summary, source, IsSound: true, "the design says that it is sound", static options => TDesign.Create(options));

    private static bool IsDesign(Type type) => type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }
        && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IDirtyMemoryDesign<>) && i.GenericTypeArguments[0] == type);
}
