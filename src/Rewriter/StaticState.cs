using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Shims;
using Verify.Rewriter.Il;

namespace Verify.Rewriter;

/// <summary>Makes static state repeatable: <see cref="StaticStateShim"/> runs the static constructors, at loading and before each execution.</summary>
/// <remarks>
/// A type's static constructor becomes a method of its own; beside it comes one that clears the static fields, which lose <c>initonly</c> so that
/// it may. A type with static fields but no static constructor gets one, and <c>beforefieldinit</c> with it. Not covered: constants, data mapped
/// from the file, and thread-static fields, of which each thread of the process has one.
/// </remarks>
internal static class StaticState
{
    private const MethodAttributes Attributes = MethodAttributes.Private | MethodAttributes.Static | MethodAttributes.HideBySig;

    internal static void Rewrite(ModuleContext context)
    {
        // The constructor of Action by hand: there is no method of the module to import it from.
        TypeReference action = new("System", "Action", context.Module, context.Module.TypeSystem.CoreLibrary);
        var newAction = new MethodReference(".ctor", context.Module.TypeSystem.Void, action) { HasThis = true };
        newAction.Parameters.Add(new ParameterDefinition(context.Module.TypeSystem.Object));
        newAction.Parameters.Add(new ParameterDefinition(context.Module.TypeSystem.IntPtr));
        MethodReference construct = context.EntryPoint(nameof(StaticStateShim), nameof(StaticStateShim.Construct));
        foreach (TypeDefinition type in context.Module.GetTypes())
        {
            FieldDefinition[] fields = [.. type.Fields.Where(f => f.IsStatic && !f.IsLiteral && !f.HasFieldRVA && !StaticFields.IsThreadStatic(f))];
            MethodDefinition? constructor = type.Methods.FirstOrDefault(m => m is { IsConstructor: true, IsStatic: true });
            if (!StaticFields.CanLeak(type) || (fields.Length == 0 && constructor is null))
            {
                continue;
            }

            MethodDefinition initialize = Add(type, "<verify>Initialize"), clear = Add(type, "<verify>Clear");
            if (constructor is null)
            {
                type.Attributes |= TypeAttributes.BeforeFieldInit;
                constructor = new MethodDefinition(
                    ".cctor", Attributes | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName, context.Module.TypeSystem.Void);
                type.Methods.Add(constructor);
                initialize.Body.GetILProcessor().Emit(OpCodes.Ret);
            }
            else
            {
                Move(constructor, initialize);
            }

            Clear(clear, fields);
            ILProcessor il = constructor.Body.GetILProcessor();
            foreach (MethodDefinition method in (MethodDefinition[])[clear, initialize])
            {
                il.Emit(OpCodes.Ldnull);
                il.Emit(OpCodes.Ldftn, Generics.InOwnType(method));
                il.Emit(OpCodes.Newobj, newAction);
            }

            il.Emit(OpCodes.Call, construct);
            il.Emit(OpCodes.Ret);
        }
    }

    private static MethodDefinition Add(TypeDefinition type, string name)
    {
        var method = new MethodDefinition(name, Attributes, type.Module.TypeSystem.Void);
        type.Methods.Add(method);
        return method;
    }

    private static void Clear(MethodDefinition clear, FieldDefinition[] fields)
    {
        ILProcessor il = clear.Body.GetILProcessor();
        foreach (FieldDefinition field in fields)
        {
            field.IsInitOnly = false;
            il.Emit(OpCodes.Ldsflda, Generics.InOwnType(field));
            il.Emit(OpCodes.Initobj, TypeFacts.Bare(field.FieldType));
        }

        il.Emit(OpCodes.Ret);
    }

    private static void Move(MethodDefinition from, MethodDefinition to)
    {
        MethodBody old = from.Body;
        to.Body.InitLocals = old.InitLocals;
        foreach (VariableDefinition variable in old.Variables.ToArray())
        {
            old.Variables.Remove(variable);
            to.Body.Variables.Add(variable);
        }

        foreach (Instruction instruction in old.Instructions.ToArray())
        {
            to.Body.Instructions.Add(instruction);
        }

        foreach (ExceptionHandler handler in old.ExceptionHandlers)
        {
            to.Body.ExceptionHandlers.Add(handler);
        }

        to.DebugInformation.Scope = from.DebugInformation.Scope;
        foreach (SequencePoint line in from.DebugInformation.SequencePoints)
        {
            to.DebugInformation.SequencePoints.Add(line);
        }

        from.DebugInformation.Scope = null;
        from.DebugInformation.SequencePoints.Clear();
        from.Body = new MethodBody(from);
    }
}
