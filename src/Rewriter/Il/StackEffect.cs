using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Verify.Rewriter.Il;

/// <summary>How many values an instruction takes from the evaluation stack, and whether it leaves one.</summary>
internal static class StackEffect
{
    internal static int Pops(Instruction at, MethodDefinition method, int depth)
    {
        switch (at.OpCode.StackBehaviourPop)
        {
            case StackBehaviour.Pop0:
                return 0;
            case StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref:
                return 1;
            case StackBehaviour.Pop1_pop1 or StackBehaviour.Popi_pop1 or StackBehaviour.Popi_popi or StackBehaviour.Popi_popi8
                or StackBehaviour.Popi_popr4 or StackBehaviour.Popi_popr8 or StackBehaviour.Popref_pop1 or StackBehaviour.Popref_popi:
                return 2;
            case StackBehaviour.Popi_popi_popi or StackBehaviour.Popref_popi_popi or StackBehaviour.Popref_popi_popi8
                or StackBehaviour.Popref_popi_popr4 or StackBehaviour.Popref_popi_popr8 or StackBehaviour.Popref_popi_popref:
                return 3;
            case StackBehaviour.PopAll:
                return depth;
        }

        if (at.OpCode.Code == Code.Ret)
        {
            return method.ReturnType.MetadataType == MetadataType.Void ? 0 : 1;
        }

        var callee = (IMethodSignature)at.Operand;
        int arguments = callee.Parameters.Count;
        if (callee.HasThis && !callee.ExplicitThis && at.OpCode.Code != Code.Newobj)
        {
            arguments++;
        }

        return at.OpCode.Code == Code.Calli ? arguments + 1 : arguments;
    }

    internal static bool Pushes(Instruction at) => at.OpCode.StackBehaviourPush switch
    {
        StackBehaviour.Push0 => false,
        StackBehaviour.Varpush => TypeFacts.Bare(((IMethodSignature)at.Operand).ReturnType).MetadataType != MetadataType.Void,
        _ => true,
    };
}
