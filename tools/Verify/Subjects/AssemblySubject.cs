using System.Linq.Expressions;
using System.Reflection;
using Verify.Rewriter;
using Verify.Rewriter.Loading;

namespace Verify.Cli.Subjects;

/// <summary>The tests of an assembly the user names, rewritten in memory with what it refers to.</summary>
internal sealed class AssemblySubject : ISubject
{
    private readonly RewrittenProgram _program;
    private readonly Assembly _assembly;
    private readonly Action? _disposeIteration;

    private AssemblySubject(RewrittenProgram program, IReadOnlyList<string> assemblies)
    {
        _program = program;
        Assemblies = assemblies;
        _assembly = program.Assembly(program.Results[0].Assembly);
        foreach (MethodInfo method in Marked("TestInitAttribute"))
        {
            Call(method)();
        }

        _disposeIteration = Marked("TestIterationDisposeAttribute").Select(Call).FirstOrDefault();
    }

    /// <summary>What the command line says of the assembly.</summary>
    /// <param name="Path">The assembly.</param>
    /// <param name="Allow">Uncontrolled members to let pass.</param>
    /// <param name="Include">References to rewrite though they have no symbols.</param>
    /// <param name="Leave">References to leave alone.</param>
    internal sealed record Source(string Path, string[] Allow, string[] Include, string[] Leave)
    {
        private AssemblySet? _set;

        /// <summary>What belongs to it; looked up once.</summary>
        internal AssemblySet Set() => _set ??= AssemblySet.Of(Path, Include, Leave);
    }

    /// <param name="source">What to load.</param>
    /// <param name="plainAccesses">Whether plain accesses are rewritten too, for memory models and data races.</param>
    internal static AssemblySubject Load(Source source, bool plainAccesses)
    {
        IReadOnlyList<string> assemblies = source.Set().Rewritten;
        RewrittenProgram program = RewrittenProgram.Load(
            assemblies,
            new RewriteOptions { AllowedUncontrolled = source.Allow.ToHashSet(StringComparer.Ordinal), ResetStatics = true, PlainAccesses = plainAccesses });
        return new AssemblySubject(program, assemblies);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Assemblies { get; }

    /// <inheritdoc/>
    public Action Body(string cell)
    {
        int dot = cell.LastIndexOf('.');
        string type = cell[..dot], name = cell[(dot + 1)..];
        MethodInfo method = _assembly.GetTypes().FirstOrDefault(t => t.FullName!.Replace('+', '.') == type)?.GetMethod(name, [])
            ?? throw new InputException($"{_assembly.GetName().Name} has no test '{cell}'; `verify test` without --filter lists them");
        Action body = Call(method);
        Action dispose = _disposeIteration ?? (() => { });
        return () =>
        {
            _program.ResetStatics();
            try
            {
                body();
            }
            finally
            {
                dispose();
            }
        };
    }

    // Coyote's attributes for set-up and clean-up, by name as its test attribute.
    private IEnumerable<MethodInfo> Marked(string attribute) =>
        from type in _assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static)
        where method.GetParameters().Length == 0
            && method.GetCustomAttributesData().Any(a => a.AttributeType.FullName == "Microsoft.Coyote.SystematicTesting." + attribute)
        select method;

    // Not MethodInfo.Invoke, whose frames would be in every stack, and which wraps exceptions.
    private static Action Call(MethodInfo method) => method.IsStatic
        ? method.CreateDelegate<Action>()
        : Expression.Lambda<Action>(Expression.Call(Expression.New(method.DeclaringType!), method)).Compile();
}
