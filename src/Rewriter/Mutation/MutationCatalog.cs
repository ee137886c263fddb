using System.Security.Cryptography;
using System.Text;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using Verify.Checker.Runtime;
using Verify.Rewriter.Input;
using Verify.Rewriter.Sites;

namespace Verify.Rewriter.Mutation;

/// <summary>The only list of mutation operators.</summary>
public static class MutationCatalog
{
    private static readonly IMutationOperator[] s_operators =
    [
        new DropBarrier(),
        new WeakenInterlocked(),
        new WeakenVolatile(),
        new DropLock(),
        new SwapStores(),
        new ShrinkLock(fromStart: true),
        new ShrinkLock(fromStart: false),
    ];

    /// <summary>Names, with a line each, and the memory models and race detection under which the defect is looked for.</summary>
    public static IReadOnlyList<(string Name, string Summary, IReadOnlyList<MemoryOptions> Under)> All { get; } =
        [.. s_operators.Select(o => (o.Name, o.Summary, o.Under))];

    /// <summary>Every place in an assembly where an operator can be applied, in metadata order.</summary>
    /// <exception cref="RewriteException">The file is no assembly.</exception>
    public static IReadOnlyList<MutationSite> Sites(string path)
    {
        using var resolver = new FrameworkResolver([Path.GetDirectoryName(Path.GetFullPath(path))!]);
        ModuleDefinition module = InputAssembly.Open(path, resolver).Module;
        var names = new MethodNames(module);
        var sites = new List<MutationSite>();
        foreach (MethodDefinition method in module.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody))
        {
            method.Body.SimplifyMacros();
            string body = Hash(method);
            foreach (IMutationOperator mutate in s_operators)
            {
                int ordinal = 0;
                foreach (Instruction at in mutate.Find(method))
                {
                    SequencePoint? line = method.DebugInformation.SequencePoints.LastOrDefault(p => !p.IsHidden && p.Offset <= at.Offset);
                    sites.Add(new MutationSite(
                        new Mutation(mutate.Name, names[method], ordinal++), line?.Document.Url ?? "", line?.StartLine ?? 0, Describe(at), body));
                }
            }
        }

        return sites;
    }

    /// <summary>Applies the mutation if the module has the method; says whether it has.</summary>
    internal static bool Apply(ModuleDefinition module, Mutation mutation)
    {
        IMutationOperator mutate = s_operators.FirstOrDefault(o => o.Name == mutation.Operator)
            ?? throw new RewriteException($"there is no mutation operator '{mutation.Operator}'; one of {string.Join(", ", s_operators.Select(o => o.Name))}.");
        var names = new MethodNames(module);
        MethodDefinition? method = module.GetTypes().SelectMany(t => t.Methods).FirstOrDefault(m => m.HasBody && names[m] == mutation.Method);
        if (method is null)
        {
            return false;
        }

        method.Body.SimplifyMacros();
        Instruction[] places = [.. mutate.Find(method)];
        if (mutation.Ordinal < 0 || mutation.Ordinal >= places.Length)
        {
            throw new RewriteException($"{mutation.Method} has {places.Length} places for {mutation.Operator}, so no number {mutation.Ordinal}; list them anew.");
        }

        mutate.Apply(method, places[mutation.Ordinal]);
        method.Body.OptimizeMacros();
        return true;
    }

    private static string Hash(MethodDefinition method)
    {
        string text = string.Join('\n', method.Body.Instructions.Select(i => i.ToString()));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
    }

    private static string Describe(Instruction at) => at.Operand switch
    {
        MethodReference method => Il.MemberNames.Short(method.DeclaringType, method.Name),
        FieldReference field => Il.MemberNames.Location(field),
        _ => at.Next?.Operand is FieldReference next ? Il.MemberNames.Location(next) : at.OpCode.Name,
    };
}
