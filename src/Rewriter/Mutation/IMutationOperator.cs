using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Runtime;

namespace Verify.Rewriter.Mutation;

/// <summary>A kind of defect that programmers make. Works on a method as compiled, before any rewriting.</summary>
internal interface IMutationOperator
{
    /// <summary>Lower case, with hyphens.</summary>
    string Name { get; }

    /// <summary>One line: what it does.</summary>
    string Summary { get; }

    /// <summary>What the defect is looked for under, in this order: each shows defects that the others hide or make rare.</summary>
    IReadOnlyList<MemoryOptions> Under { get; }

    /// <summary>Where it can be applied, in IL order; each instruction stands for one place.</summary>
    IEnumerable<Instruction> Find(MethodDefinition method);

    /// <summary>Applies it at an instruction that <see cref="Find"/> gave for the same method as it is now.</summary>
    void Apply(MethodDefinition method, Instruction at);
}
