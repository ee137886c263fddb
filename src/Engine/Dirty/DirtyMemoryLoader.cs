using System.Reflection;
using Verify.Engine.Invalidation;
using Verify.Engine.Loading;

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
    private static readonly OwnType s_designs = new(
        "design", "dirty-memory design", "class that implements IDirtyMemoryDesign<itself>", IsDesign, message => new DirtyMemoryException(message));

    /// <summary>Splits <c>path.dll:TypeName</c> and loads it.</summary>
    /// <returns>Null if the text does not look like that.</returns>
    /// <exception cref="DirtyMemoryException">It does, but there is no such design. One line.</exception>
    public static DirtyMemoryEntry? TryLoad(string specification)
    {
        return StrategyLoader.Split(specification) is var (path, type) ? Load(s_designs.LoadAssembly(path), type) : null;
    }

    /// <param name="assembly">Where it is.</param>
    /// <param name="type">Name of a public class that implements <see cref="IDirtyMemoryDesign{TSelf}"/> of itself, with or without its namespace.</param>
    /// <exception cref="DirtyMemoryException">The type is not there or cannot be one. One line.</exception>
    public static DirtyMemoryEntry Load(Assembly assembly, string type)
    {
        Type found = s_designs.Find(assembly, type, out string file);
        DirtyMemoryDesignAttribute about = found.GetCustomAttribute<DirtyMemoryDesignAttribute>() ?? new DirtyMemoryDesignAttribute(found.Name, "from " + file);
        return typeof(DirtyMemoryLoader).GetMethod(nameof(Of))!.MakeGenericMethod(found)
            .CreateDelegate<Func<string, string, string, DirtyMemoryEntry>>()(about.Name, about.Summary, file);
    }

    /// <summary>An entry for a design from any assembly, of which nothing is known to be wrong.</summary>
    public static DirtyMemoryEntry Of<TDesign>(string name, string summary, string source)
        where TDesign : class, IDirtyMemoryDesign<TDesign> =>
        new(name, summary, source, IsSound: true, "the design says that it is sound", static options => TDesign.Create(options));

    private static bool IsDesign(Type type) => type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }
        && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IDirtyMemoryDesign<>) && i.GenericTypeArguments[0] == type);
}
