using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Runtime;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

/// <summary>Array elements, of vectors and of arrays with several dimensions, as seen by <see cref="PlainAccessPass"/>.</summary>
/// <remarks>
/// The address is taken with <c>readonly.</c>, without the check that it be of exactly the array's element type: an array of strings may stand in
/// for one of objects. Storing a reference checks the value's type itself, so that a wrong one throws what <c>stelem</c> throws.
/// </remarks>
internal sealed class ArrayAccessEmitter(MethodEditor method, AccessEmitter emitter, StackAnalysis stacks)
{
    internal void Redirect(Instruction at)
    {
        TypeSystem types = method.Module.Module.TypeSystem;
        switch (at.OpCode.Code)
        {
            case Code.Ldelem_Ref or Code.Ldelem_Any or (>= Code.Ldelem_I1 and <= Code.Ldelem_R8):
                Load(at, Element(at, 1, types));
                break;
            case Code.Stelem_Ref or Code.Stelem_Any or (>= Code.Stelem_I and <= Code.Stelem_R8):
                Store(at, Element(at, 2, types));
                break;
            case Code.Call when at.Operand is MethodReference { DeclaringType: ArrayType array } call && call.Name is "Get" or "Set":
                ManyDimensions(at, call, array);
                break;
        }
    }

    private TypeReference Element(Instruction at, int depth, TypeSystem types) => at.OpCode.Code switch
    {
        Code.Ldelem_Any or Code.Stelem_Any => (TypeReference)at.Operand,
        Code.Ldelem_I1 or Code.Stelem_I1 => types.SByte,
        Code.Ldelem_U1 => types.Byte,
        Code.Ldelem_I2 or Code.Stelem_I2 => types.Int16,
        Code.Ldelem_U2 => types.UInt16,
        Code.Ldelem_I4 or Code.Stelem_I4 => types.Int32,
        Code.Ldelem_U4 => types.UInt32,
        Code.Ldelem_I8 or Code.Stelem_I8 => types.Int64,
        Code.Ldelem_I or Code.Stelem_I => types.IntPtr,
        Code.Ldelem_R4 or Code.Stelem_R4 => types.Single,
        Code.Ldelem_R8 or Code.Stelem_R8 => types.Double,
        _ => stacks.At(at, depth).Type is ArrayType { IsVector: true } array && !TypeFacts.IsValueType(array.ElementType)
            ? array.ElementType
            : types.Object,
    };

    // The instruction knows a byte's size only; the array's type, where it is known, reads better.
    private string Name(Instruction at, int depth, TypeReference element) =>
        MemberNames.Readable(stacks.At(at, depth).Type is ArrayType { IsVector: true } array ? array.ElementType : element);

    private void Load(Instruction at, TypeReference element)
    {
        string description = "load [" + Name(at, 1, element) + "]";
        if (PlainAccessPass.Unfit(element) is { } reason)
        {
            method.Report(at, SiteOutcome.Skipped, description, reason);
            return;
        }

        method.Replace(at, at, [.. Address(element), .. emitter.Call(at, store: false, element, description, traits: Traits(at, 0))]);
    }

    private void Store(Instruction at, TypeReference element)
    {
        string description = "store [" + Name(at, 2, element) + "]";
        if (PlainAccessPass.Unfit(element) is { } reason)
        {
            method.Report(at, SiteOutcome.Skipped, description, reason);
            return;
        }

        VariableDefinition value = method.Borrow(element);
        List<Instruction> code = [Instruction.Create(OpCodes.Stloc, value)];
        if (!TypeFacts.IsValueType(element) && element is not (PointerType or FunctionPointerType))
        {
            VariableDefinition index = method.Borrow(method.Module.Module.TypeSystem.IntPtr);
            code.AddRange(
            [
                Instruction.Create(OpCodes.Conv_I),
                Instruction.Create(OpCodes.Stloc, index),
                Instruction.Create(OpCodes.Dup),
                Instruction.Create(OpCodes.Ldloc, value),
                Instruction.Create(OpCodes.Box, element), // nothing for a class; a type parameter may be either
                Instruction.Create(OpCodes.Call, method.Module.Stubs.ElementCheck()),
                Instruction.Create(OpCodes.Ldloc, index),
            ]);
            method.Return(index);
        }

        code.AddRange([.. Address(element), Instruction.Create(OpCodes.Ldloc, value)]);
        method.Replace(at, at, [.. code, .. emitter.Call(at, store: true, element, description, traits: Traits(at, 1))]);
        method.Return(value);
    }

    private void ManyDimensions(Instruction at, MethodReference call, ArrayType array)
    {
        TypeReference element = array.ElementType;
        bool store = call.Name == "Set";
        string description = (store ? "store [" : "load [") + new string(',', array.Rank - 1) + MemberNames.Readable(element) + "]";

        // `Address` checks for the exact element type, which an array of references may not have.
        string? reason = PlainAccessPass.Unfit(element)
            ?? (TypeFacts.IsValueType(element) ? null : "an element of an array of references with several dimensions");
        if (reason is not null)
        {
            method.Report(at, SiteOutcome.Skipped, description, reason);
            return;
        }

        var address = new MethodReference("Address", new ByReferenceType(element), array) { HasThis = true };
        for (int i = 0; i < array.Rank; i++)
        {
            address.Parameters.Add(new ParameterDefinition(method.Module.Module.TypeSystem.Int32));
        }

        Instruction take = Instruction.Create(OpCodes.Call, address);
        Instruction[] access = emitter.Call(at, store, element, description);
        if (!store)
        {
            method.Replace(at, at, [take, .. access]);
            return;
        }

        VariableDefinition value = method.Borrow(element);
        method.Replace(at, at, [Instruction.Create(OpCodes.Stloc, value), take, Instruction.Create(OpCodes.Ldloc, value), .. access]);
        method.Return(value);
    }

    private SiteTraits Traits(Instruction at, int indexDepth) =>
        StackAnalysis.ElementTraits(stacks.At(at, indexDepth))
        | (indexDepth == 1 && stacks.At(at, 0).IsConstant ? SiteTraits.ConstantValue : SiteTraits.None);

    private static Instruction[] Address(TypeReference element) =>
        [Instruction.Create(OpCodes.Readonly), Instruction.Create(OpCodes.Ldelema, element)];
}
