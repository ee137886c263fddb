using System.Reflection;
using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Invalidation;

/// <summary>What a strategy of one's own tells the catalogue about itself. Without it: its type's name, under TbLock, after a grace period.</summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class InvalidationStrategyAttribute(string name, string summary) : Attribute
{
    public string Name { get; } = name;

    public string Summary { get; } = summary;

    public FlushDiscipline Flush { get; init; }

    public TbStorage Storage { get; init; } = TbStorage.AfterGracePeriod;
}

/// <summary>Finds a strategy in an assembly that is not ours.</summary>
public static class StrategyLoader
{
    /// <summary>Splits <c>path.dll:TypeName</c> and loads it.</summary>
    /// <returns>Null if the text does not look like that.</returns>
    /// <exception cref="UnknownStrategyException">It does, but there is no such strategy.</exception>
    public static InvalidationEntry? TryLoad(string specification)
    {
        return Split(specification) is var (path, type) ? Load(path, type) : null;
    }

    /// <summary>Path and type of a <c>path.dll:TypeName</c>; null if the text does not look like that.</summary>
    public static (string Path, string Type)? Split(string specification)
    {
        int colon = specification.LastIndexOf(".dll:", StringComparison.OrdinalIgnoreCase);
        return colon < 0 ? null : (specification[..(colon + 4)], specification[(colon + 5)..]);
    }

    /// <param name="path">Of a .NET assembly.</param>
    /// <param name="type">Name of a struct that implements <see cref="IInvalidationStrategy"/>, with or without its namespace.</param>
    /// <exception cref="UnknownStrategyException">The assembly or the type is not there or cannot be one. One line.</exception>
    public static InvalidationEntry Load(string path, string type)
    {
        Assembly assembly;
        try
        {
            assembly = Assembly.LoadFrom(Path.GetFullPath(path));
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or ArgumentException)
        {
            throw new UnknownStrategyException(
                e is FileNotFoundException ? $"there is no file '{path}'; build your strategy and name its .dll" : $"'{path}' is not a .NET assembly that can be loaded");
        }

        return Load(assembly, type);
    }

    /// <inheritdoc cref="Load(string, string)"/>
    public static InvalidationEntry Load(Assembly assembly, string type)
    {
        Type[] candidates = [.. assembly.GetExportedTypes().Where(t => t.IsValueType && typeof(IInvalidationStrategy).IsAssignableFrom(t))];
        Type[] found = [.. candidates.Where(t => t.FullName == type || t.Name == type)];
        string file = Path.GetFileName(assembly.Location is { Length: > 0 } location ? location : assembly.GetName().Name + ".dll");
        if (found.Length != 1)
        {
            throw new UnknownStrategyException(candidates.Length == 0
                ? $"{file} has no public struct that implements {nameof(IInvalidationStrategy)} of this version of the engine"
                : $"{file} has {(found.Length == 0 ? "no" : "more than one")} strategy '{type}'; it has {string.Join(", ", candidates.Select(t => t.FullName))}");
        }

        InvalidationStrategyAttribute about = found[0].GetCustomAttribute<InvalidationStrategyAttribute>()
            ?? new InvalidationStrategyAttribute(found[0].Name, "from " + file);
        return typeof(InvalidationEntry).GetMethod(nameof(InvalidationEntry.Of))!.MakeGenericMethod(found[0])
            .CreateDelegate<Func<string, string, TbStorage, string?, FlushDiscipline, InvalidationEntry>>()
            (about.Name, about.Summary, about.Storage, null, about.Flush);
    }
}
