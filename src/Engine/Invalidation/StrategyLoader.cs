using System.Reflection;
using Verify.Engine.Execution;
using Verify.Engine.Loading;
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
    private static readonly OwnType s_strategies = new(
        "strategy", "strategy", $"struct that implements {nameof(IInvalidationStrategy)}",
        type => type.IsValueType && typeof(IInvalidationStrategy).IsAssignableFrom(type), message => new UnknownStrategyException(message));

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
    public static InvalidationEntry Load(string path, string type) => Load(s_strategies.LoadAssembly(path), type);

    /// <inheritdoc cref="Load(string, string)"/>
    public static InvalidationEntry Load(Assembly assembly, string type)
    {
        Type found = s_strategies.Find(assembly, type, out string file);
        InvalidationStrategyAttribute about = found.GetCustomAttribute<InvalidationStrategyAttribute>()
            ?? new InvalidationStrategyAttribute(found.Name, "from " + file);
        return typeof(InvalidationEntry).GetMethod(nameof(InvalidationEntry.Of))!.MakeGenericMethod(found)
            .CreateDelegate<Func<string, string, TbStorage, string?, FlushDiscipline, InvalidationEntry>>()
            (about.Name, about.Summary, about.Storage, null, about.Flush);
    }
}
