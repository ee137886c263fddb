using Verify.Engine.Invalidation;

namespace Verify.Benchmarks.Translation;

/// <summary>Which strategies are measured: the catalogue's, or what <c>verify compare</c> asks for.</summary>
public static class MeasuredStrategies
{
    /// <summary>Environment variable with names of <see cref="InvalidationCatalog.Find"/>, separated by semicolons.</summary>
    public const string NamesVariable = "VERIFY_BENCHMARK_STRATEGIES";

    /// <summary>The names.</summary>
    public static IEnumerable<string> Names => Environment.GetEnvironmentVariable(NamesVariable) is { Length: > 0 } names
        ? names.Split(';')
        : InvalidationCatalog.All.Select(s => s.Name);
}
