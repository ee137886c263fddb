using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Verify.Rewriter.Mutation;

/// <summary>A kind of defect that programmers make. Works on a method as compiled, before any rewriting.</summary>
internal interface IMutationOperator
{
    /// <summary>Lower case, with hyphens.</summary>
    string Name { get; }

    /// <summary>One line: what it does.</summary>
    string Summary { get; }

    /// <summary>The strongest memory model under which the defect can show: <c>sc</c>, <c>tso</c> or <c>dotnet</c>.</summary>
    string From { get; }

    /// <summary>Where it can be applied, in IL order; each instruction stands for one place.</summary>
    IEnumerable<Instruction> Find(MethodDefinition method);

    /// <summary>Applies it at an instruction that <see cref="Find"/> gave for the same method as it is now.</summary>
    void Apply(MethodDefinition method, Instruction at);
}
