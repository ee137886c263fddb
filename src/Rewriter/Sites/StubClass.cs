using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Sites;

/// <summary>The class <c>&lt;Verify&gt;.Stubs</c>: methods with a framework member's signature that call its shim with their own site.</summary>
/// <remarks>
/// A delegate or function pointer made from a framework member has no room for the site. A delegate over an instance member becomes one over a
/// static method closed over its first argument, as C# makes them for extension methods.
/// </remarks>
internal sealed class StubClass(ModuleDefinition module)
{
    private readonly TypeDefinition _type = new(
        SiteClass.Namespace,
        "Stubs",
        TypeAttributes.NotPublic | TypeAttributes.Abstract | TypeAttributes.Sealed | TypeAttributes.BeforeFieldInit,
        module.TypeSystem.Object);

    private MethodDefinition? _elementCheck;

    /// <summary>A stub for the member a pointer is taken of.</summary>
    /// <param name="site">The site of the pointer.</param>
    /// <param name="target">The shim.</param>
    /// <param name="callee">The framework member.</param>
    /// <param name="name">What the stub is called, after a number.</param>
    internal MethodReference Make(Instruction[] site, ShimTarget target, MethodReference callee, string name)
    {
        var stub = new MethodDefinition(
            _type.Methods.Count + "_" + name,
            MethodAttributes.Assembly | MethodAttributes.Static | MethodAttributes.HideBySig,
            module.TypeSystem.Void);
        _type.Methods.Add(stub);

        TypeReference[] typeArguments = callee.DeclaringType is GenericInstanceType t ? [.. t.GenericArguments] : [];
        TypeReference[] methodArguments = callee is GenericInstanceMethod m ? [.. m.GenericArguments] : [];
        for (int i = 0; i < typeArguments.Length + methodArguments.Length; i++)
        {
            stub.GenericParameters.Add(new GenericParameter("T" + i, stub));
        }

        CopyConstraints(target, stub);
        (TypeReference declaring, MethodReference bound) = Bind(callee, [.. stub.GenericParameters]);
        stub.ReturnType = Generics.ReturnType(bound);
        ILProcessor il = stub.Body.GetILProcessor();
        if (callee.HasThis)
        {
            bool boxed = TypeFacts.IsValueType(declaring);
            stub.Parameters.Add(new ParameterDefinition("self", ParameterAttributes.None, boxed ? module.TypeSystem.Object : declaring));
            il.Emit(OpCodes.Ldarg_0);
            if (boxed)
            {
                il.Emit(OpCodes.Unbox, declaring);
            }
        }

        for (int i = 0; i < callee.Parameters.Count; i++)
        {
            var parameter = new ParameterDefinition("a" + i, ParameterAttributes.None, Generics.ParameterType(bound, i));
            stub.Parameters.Add(parameter);
            il.Emit(OpCodes.Ldarg, parameter);
        }

        foreach (Instruction instruction in site)
        {
            il.Append(instruction);
        }

        il.Emit(OpCodes.Call, target.For(declaring, bound, module));
        il.Emit(OpCodes.Ret);
        if (!stub.HasGenericParameters)
        {
            return stub;
        }

        var instance = new GenericInstanceMethod(stub);
        instance.GenericArguments.AddRange(typeArguments.Concat(methodArguments));
        return instance;
    }

    /// <summary>The check that storing into an array of references makes: the array may be of a more derived type than its static one.</summary>
    internal MethodReference ElementCheck()
    {
        if (_elementCheck is not null)
        {
            return _elementCheck;
        }

        IMetadataScope core = module.TypeSystem.CoreLibrary;
        TypeReference objectType = module.TypeSystem.Object;
        var type = new TypeReference("System", "Type", module, core);
        var mismatch = new TypeReference("System", "ArrayTypeMismatchException", module, core);
        var getType = new MethodReference("GetType", type, objectType) { HasThis = true };
        var getElementType = new MethodReference("GetElementType", type, type) { HasThis = true };
        var isInstance = new MethodReference("IsInstanceOfType", module.TypeSystem.Boolean, type) { HasThis = true };
        isInstance.Parameters.Add(new ParameterDefinition(objectType));

        var check = new MethodDefinition(
            "CheckElement", MethodAttributes.Assembly | MethodAttributes.Static | MethodAttributes.HideBySig, module.TypeSystem.Void);
        check.Parameters.Add(new ParameterDefinition("array", ParameterAttributes.None, objectType));
        check.Parameters.Add(new ParameterDefinition("value", ParameterAttributes.None, objectType));
        ILProcessor il = check.Body.GetILProcessor();
        Instruction end = il.Create(OpCodes.Ret);
        il.Emit(OpCodes.Ldarg_0); // a null array faults where its element's address is taken
        il.Emit(OpCodes.Brfalse, end);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Brfalse, end);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Callvirt, getType);
        il.Emit(OpCodes.Callvirt, getElementType);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Callvirt, isInstance);
        il.Emit(OpCodes.Brtrue, end);
        il.Emit(OpCodes.Newobj, new MethodReference(".ctor", module.TypeSystem.Void, mismatch) { HasThis = true });
        il.Emit(OpCodes.Throw);
        il.Append(end);
        _type.Methods.Add(check);
        return _elementCheck = check;
    }

    internal void Emit()
    {
        if (_type.HasMethods)
        {
            module.Types.Add(_type);
        }
    }

    // The member and its type with the stub's parameters for arguments.
    private static (TypeReference Declaring, MethodReference Bound) Bind(MethodReference callee, TypeReference[] arguments)
    {
        MethodReference element = callee.GetElementMethod();
        TypeReference declaring = element.DeclaringType;
        int ofType = 0;
        if (declaring is GenericInstanceType generic)
        {
            ofType = generic.GenericArguments.Count;
            var instance = new GenericInstanceType(generic.ElementType) { IsValueType = generic.IsValueType };
            instance.GenericArguments.AddRange(arguments.Take(ofType));
            declaring = instance;
            element = ShimTarget.OnType(element, instance);
        }

        if (ofType == arguments.Length)
        {
            return (declaring, element);
        }

        var bound = new GenericInstanceMethod(element);
        bound.GenericArguments.AddRange(arguments.Skip(ofType));
        return (declaring, bound);
    }

    private void CopyConstraints(ShimTarget target, MethodDefinition stub)
    {
        GenericParameter[] parameters = target.GenericClass
            ? [.. target.Class.GenericParameters, .. target.Method.GenericParameters]
            : [.. target.Method.GenericParameters];
        for (int i = 0; i < parameters.Length; i++)
        {
            stub.GenericParameters[i].Attributes = parameters[i].Attributes;
            foreach (GenericParameterConstraint constraint in parameters[i].Constraints.Where(c => !c.ConstraintType.ContainsGenericParameter))
            {
                stub.GenericParameters[i].Constraints.Add(new GenericParameterConstraint(module.ImportReference(constraint.ConstraintType)));
            }
        }
    }
}
