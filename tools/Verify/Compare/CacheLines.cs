using System.Reflection;
using Verify.Checker.Tracing;
using Verify.Cli.Subjects;
using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Rewriter;
using Verify.Rewriter.Loading;
using Verify.Scenarios.Events;

namespace Verify.Cli.Compare;

/// <summary>The cache lines that each event of a design writes, counted in the rewritten engine; see <see cref="WrittenLines"/>.</summary>
internal sealed class CacheLines
{
    private static readonly RewriteOptions s_options = new()
    {
        AllowedUncontrolled = ScenarioSubject.OutsideExecutions,
        PlainAccesses = true,
        ShimTypes = [.. RewriteMap.Default, typeof(ArrayClearShim)],
    };

    private readonly Dictionary<string, RewrittenProgram> _programs = []; // by the path of an assembly of the user's own; "" is ours

    /// <summary>Lines written by one event.</summary>
    /// <param name="group">As in <see cref="EventCatalog.Parts(string, string, string)"/>.</param>
    /// <param name="name">The event.</param>
    /// <param name="design">As named on a command line.</param>
    internal Cost Of(string group, string name, string design)
    {
        Action[] parts = StrategyLoader.Split(design) is var (path, type) ? OwnParts(group, name, path, type) : Parts(group, name, design);
        return new Cost(WrittenLines.Count(parts[0], parts[1], parts[2]));
    }

    private Action[] Parts(string group, string name, string design) =>
        Entry("", typeof(string), typeof(string), typeof(string)).CreateDelegate<Func<string, string, string, Action[]>>()(group, name, design);

    private Action[] OwnParts(string group, string name, string path, string type)
    {
        string full = Path.GetFullPath(path);
        var parts = Entry(full, typeof(string), typeof(string), typeof(Assembly), typeof(string)).CreateDelegate<Func<string, string, Assembly, string, Action[]>>();
        return parts(group, name, _programs[full].Assembly(AssemblyName.GetAssemblyName(full).Name!), type);
    }

    private MethodInfo Entry(string own, params Type[] parameters)
    {
        if (!_programs.TryGetValue(own, out RewrittenProgram? program))
        {
            string[] ours = [typeof(Machine).Assembly.Location, typeof(EventCatalog).Assembly.Location];
            program = _programs[own] = RewrittenProgram.Load(own.Length == 0 ? ours : [.. ours, own], s_options);
        }

        return program.Assembly(typeof(EventCatalog).Assembly.GetName().Name!).GetType(typeof(EventCatalog).FullName!)!.GetMethod(nameof(EventCatalog.Parts), parameters)!;
    }
}
