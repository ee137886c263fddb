using System.Reflection;
using Verify.Engine.Execution;
using Verify.Rewriter;
using Verify.Rewriter.Loading;
using Verify.Rewriter.Mutation;
using Verify.Scenarios;

namespace Verify.Cli.Subjects;

/// <summary>The engine and the scenarios as the checker runs them: rewritten in memory and loaded beside the originals.</summary>
internal sealed class ScenarioSubject : ISubject
{
    // What the engine calls outside any execution; reached inside one it would be wrong to let it pass.
    internal static readonly HashSet<string> OutsideExecutions =
    [
        "System.IO.File.ReadAllBytes",                            // `verify run` reads the guest; scenarios embed theirs
        "System.IO.Stream.ReadExactly",                           // the catalogue's static constructor reads them, off control
        "System.Threading.CancellationToken.Register",            // GuestRun, on real threads
        "System.Threading.CancellationTokenRegistration.Dispose", // GuestRun, on real threads
        "System.Reflection.MethodInfo.CreateDelegate",            // StrategyLoader, before any execution
        "Verify.Engine.Guest.GuestRam.Finalize",                  // frees the RAM of an aborted execution, which no thread refers to any more
    ];

    private static readonly Assembly[] s_assemblies = [typeof(Machine).Assembly, typeof(ScenarioCatalog).Assembly];

    private readonly Func<string, string, Action> _body;

    private ScenarioSubject(Func<string, string, Action> body) => _body = body;

    /// <summary>Modules that are rewritten, by name, with their versions before rewriting.</summary>
    internal static IReadOnlyDictionary<string, string> Modules { get; } =
        s_assemblies.ToDictionary(a => a.GetName().Name!, a => a.ManifestModule.ModuleVersionId.ToString("D"));

    /// <inheritdoc/>
    public IReadOnlyList<string> Assemblies { get; } = [.. s_assemblies.Select(a => a.Location)];

    /// <summary>The engine's assembly file, where mutations are looked for.</summary>
    internal static string EnginePath => s_assemblies[0].Location;

    /// <param name="plainAccesses">Whether plain accesses are rewritten too, for memory models and data races.</param>
    /// <param name="mutation">A defect to put in.</param>
    internal static ScenarioSubject Load(bool plainAccesses, Mutation? mutation = null)
    {
        RewrittenProgram program = RewrittenProgram.Load(
            [.. s_assemblies.Select(a => a.Location)],
            new RewriteOptions { AllowedUncontrolled = OutsideExecutions, PlainAccesses = plainAccesses, Mutation = mutation });
        MethodInfo body = program.Assembly(typeof(ScenarioCatalog).Assembly.GetName().Name!)
            .GetType(typeof(ScenarioCatalog).FullName!)!.GetMethod(nameof(ScenarioCatalog.Body))!;
        return new ScenarioSubject(body.CreateDelegate<Func<string, string, Action>>());
    }

    /// <summary>Name of a variant in a campaign.</summary>
    internal static string Cell(string scenario, string variant) => scenario + "/" + variant;

    /// <inheritdoc/>
    public Action Body(string cell)
    {
        (string scenario, string variant) = Split(cell);
        return Body(scenario, variant);
    }

    /// <summary>The test body of a variant. Only BCL types cross between the two copies of the assemblies.</summary>
    internal Action Body(string scenario, string variant) => _body(scenario, variant);

    /// <summary>Scenario and variant of a cell.</summary>
    internal static (string Scenario, string Variant) Split(string cell)
    {
        int slash = cell.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (cell, "") : (cell[..slash], cell[(slash + 1)..]);
    }
}
