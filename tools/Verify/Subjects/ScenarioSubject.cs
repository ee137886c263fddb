using System.Reflection;
using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
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
        "Verify.Engine.Backends.X64.CodeMemory.LibC",            // memory for machine code; machines of scenarios interpret
        "Verify.Engine.Guest.GuestRam.Finalize",                  // frees the RAM of an aborted execution, which no thread refers to any more
    ];

    private static readonly Assembly[] s_assemblies = [typeof(Machine).Assembly, typeof(ScenarioCatalog).Assembly];

    private readonly RewriteOptions _options;
    private readonly Func<string, string, Action> _body;
    private readonly Dictionary<string, Func<string, Action>> _own = []; // by specification of a strategy; makes a body of a scenario

    private ScenarioSubject(RewriteOptions options, Func<string, string, Action> body)
    {
        _options = options;
        _body = body;
    }

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
        var options = new RewriteOptions { AllowedUncontrolled = OutsideExecutions, PlainAccesses = plainAccesses, Mutation = mutation };
        return new ScenarioSubject(
            options, Body(Rewrite([], options), typeof(string), typeof(string)).CreateDelegate<Func<string, string, Action>>());
    }

    private static RewrittenProgram Rewrite(string[] strategies, RewriteOptions options) =>
        RewrittenProgram.Load([.. s_assemblies.Select(a => a.Location), .. strategies], options);

    private static MethodInfo Body(RewrittenProgram program, params Type[] parameters) =>
        program.Assembly(typeof(ScenarioCatalog).Assembly.GetName().Name!)
            .GetType(typeof(ScenarioCatalog).FullName!)!.GetMethod(nameof(ScenarioCatalog.Body), parameters)!;

    // With a strategy of a user's own, its assembly is rewritten beside a further copy of the engine and the scenarios.
    private static Func<string, Action> LoadOwn(string path, string type, RewriteOptions options)
    {
        string full = Path.GetFullPath(path);
        RewrittenProgram program = Rewrite([full], options);
        Assembly strategies = program.Assembly(AssemblyName.GetAssemblyName(full).Name!);
        var body = Body(program, typeof(string), typeof(Assembly), typeof(string)).CreateDelegate<Func<string, Assembly, string, Action>>();
        return scenario => body(scenario, strategies, type);
    }

    /// <summary>Name of a variant in a campaign.</summary>
    internal static string Cell(string scenario, string variant) => scenario + "/" + variant;

    /// <inheritdoc/>
    public Action Body(string cell)
    {
        (string scenario, string variant) = Split(cell);
        return Body(scenario, variant);
    }

    /// <summary>
    /// The test body of a variant, or of a strategy written as <c>path.dll:TypeName</c>. Only BCL types cross between the copies of the assemblies.
    /// </summary>
    internal Action Body(string scenario, string variant)
    {
        if (StrategyLoader.Split(variant) is not var (path, type))
        {
            return _body(scenario, variant);
        }

        if (!_own.TryGetValue(variant, out Func<string, Action>? own))
        {
            own = _own[variant] = LoadOwn(path, type, _options);
        }

        return own(scenario);
    }

    /// <summary>Scenario and variant of a cell.</summary>
    internal static (string Scenario, string Variant) Split(string cell)
    {
        int slash = cell.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (cell, "") : (cell[..slash], cell[(slash + 1)..]);
    }
}
