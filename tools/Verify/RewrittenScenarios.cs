using System.Reflection;
using Verify.Engine.Execution;
using Verify.Rewriter;
using Verify.Rewriter.Loading;
using Verify.Scenarios;

namespace Verify.Cli;

/// <summary>The engine and the scenarios as the checker runs them: rewritten in memory and loaded beside the originals.</summary>
internal sealed class RewrittenScenarios
{
    // What the engine calls outside any execution; reached inside one it would be wrong to let it pass.
    private static readonly HashSet<string> s_outsideExecutions =
    [
        "System.IO.File.ReadAllBytes",                            // `verify run` reads the guest; scenarios embed theirs
        "System.IO.Stream.ReadExactly",                           // the catalogue's static constructor reads them, off control
        "System.Threading.CancellationToken.Register",            // GuestRun, on real threads
        "System.Threading.CancellationTokenRegistration.Dispose", // GuestRun, on real threads
        "System.Reflection.MethodInfo.CreateDelegate",            // StrategyLoader, before any execution
        "Verify.Engine.Guest.GuestRam.Finalize",                  // frees the RAM of an aborted execution, which no thread refers to any more
    ];

    private readonly RewrittenProgram _program;
    private readonly Func<string, string, Action> _body;

    private RewrittenScenarios(RewrittenProgram program, Func<string, string, Action> body)
    {
        _program = program;
        _body = body;
    }

    /// <summary>Rewritten modules by name, with their versions before rewriting.</summary>
    internal IReadOnlyDictionary<string, string> Modules => _program.Modules;

    internal static RewrittenScenarios Load()
    {
        RewrittenProgram program = RewrittenProgram.Load(
            [typeof(Machine).Assembly.Location, typeof(ScenarioCatalog).Assembly.Location],
            new RewriteOptions { AllowedUncontrolled = s_outsideExecutions });
        MethodInfo body = program.Assembly(typeof(ScenarioCatalog).Assembly.GetName().Name!)
            .GetType(typeof(ScenarioCatalog).FullName!)!.GetMethod(nameof(ScenarioCatalog.Body))!;
        return new RewrittenScenarios(program, body.CreateDelegate<Func<string, string, Action>>());
    }

    /// <summary>The test body of a variant. Only BCL types cross between the two copies of the assemblies.</summary>
    internal Action Body(string scenario, string variant) => _body(scenario, variant);
}
