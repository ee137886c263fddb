using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Testing;
using Verify.Rewriter.Input;

namespace Verify.Rewriter.Sites;

/// <summary>The class <c>&lt;Verify&gt;.PlantedRace</c>: two threads that increment a number by a volatile read and a volatile write, with a lock or without.</summary>
/// <remarks>It is added before the passes run, so it goes through them like the assembly's own code; <see cref="SelfCheck"/> looks for its race.</remarks>
internal sealed class PlantedRace(ModuleDefinition module, FrameworkResolver resolver)
{
    internal void Plant()
    {
        var type = new TypeDefinition(
            SiteClass.Namespace,
            SelfCheck.PlantedType[(SiteClass.Namespace.Length + 1)..],
            TypeAttributes.NotPublic | TypeAttributes.Sealed | TypeAttributes.BeforeFieldInit,
            module.TypeSystem.Object);
        var value = new FieldDefinition("_value", FieldAttributes.Private, module.TypeSystem.Int32);
        var locked = new FieldDefinition("_locked", FieldAttributes.Private, module.TypeSystem.Boolean);
        type.Fields.Add(value);
        type.Fields.Add(locked);
        MethodDefinition constructor = Constructor(locked);
        MethodDefinition increment = Increment(value, locked);
        type.Methods.Add(constructor);
        type.Methods.Add(increment);
        type.Methods.Add(Run(type, value, constructor, increment));
        module.Types.Add(type);
    }

    private MethodDefinition Constructor(FieldDefinition locked)
    {
        var method = new MethodDefinition(
            ".ctor",
            MethodAttributes.Private | MethodAttributes.HideBySig | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName,
            module.TypeSystem.Void);
        method.Parameters.Add(new ParameterDefinition("locked", ParameterAttributes.None, module.TypeSystem.Boolean));
        ILProcessor il = method.Body.GetILProcessor();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, Framework(typeof(object), ".ctor"));
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Stfld, locked);
        il.Emit(OpCodes.Ret);
        return method;
    }

    private MethodDefinition Increment(FieldDefinition value, FieldDefinition locked)
    {
        var method = new MethodDefinition("Increment", MethodAttributes.Private | MethodAttributes.HideBySig, module.TypeSystem.Void);
        ILProcessor il = method.Body.GetILProcessor();
        Instruction write = il.Create(OpCodes.Ldarg_0);
        Instruction end = il.Create(OpCodes.Ret);
        EmitIf(il, locked, "Enter", write);
        il.Append(write);
        il.Emit(OpCodes.Ldflda, value);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldflda, value);
        il.Emit(OpCodes.Call, Framework(typeof(Volatile), "Read", "System.Int32&"));
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Call, Framework(typeof(Volatile), "Write", "System.Int32&", "System.Int32"));
        EmitIf(il, locked, "Exit", end);
        il.Append(end);
        return method;
    }

    private void EmitIf(ILProcessor il, FieldDefinition locked, string member, Instruction otherwise)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, locked);
        il.Emit(OpCodes.Brfalse, otherwise);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, Framework(typeof(Monitor), member, "System.Object"));
    }

    private MethodDefinition Run(TypeDefinition type, FieldDefinition value, MethodDefinition constructor, MethodDefinition increment)
    {
        var method = new MethodDefinition(SelfCheck.Entry, MethodAttributes.Assembly | MethodAttributes.Static | MethodAttributes.HideBySig, module.TypeSystem.Int32);
        method.Parameters.Add(new ParameterDefinition("locked", ParameterAttributes.None, module.TypeSystem.Boolean));
        method.Body.InitLocals = true;
        method.Body.Variables.Add(new VariableDefinition(type));
        TypeReference thread = module.ImportReference(resolver.Definition(typeof(Thread)));
        method.Body.Variables.Add(new VariableDefinition(thread));
        method.Body.Variables.Add(new VariableDefinition(thread));
        ILProcessor il = method.Body.GetILProcessor();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Newobj, constructor);
        il.Emit(OpCodes.Stloc_0);
        foreach (OpCode store in (OpCode[])[OpCodes.Stloc_1, OpCodes.Stloc_2])
        {
            il.Emit(OpCodes.Ldloc_0);
            il.Emit(OpCodes.Ldftn, increment);
            il.Emit(OpCodes.Newobj, Framework(typeof(ThreadStart), ".ctor", "System.Object", "System.IntPtr"));
            il.Emit(OpCodes.Newobj, Framework(typeof(Thread), ".ctor", "System.Threading.ThreadStart"));
            il.Emit(store);
        }

        foreach (string member in (string[])["Start", "Join"])
        {
            il.Emit(OpCodes.Ldloc_1);
            il.Emit(OpCodes.Callvirt, Framework(typeof(Thread), member));
            il.Emit(OpCodes.Ldloc_2);
            il.Emit(OpCodes.Callvirt, Framework(typeof(Thread), member));
        }

        il.Emit(OpCodes.Ldloc_0);
        il.Emit(OpCodes.Ldfld, value);
        il.Emit(OpCodes.Ret);
        return method;
    }

    private MethodReference Framework(Type type, string member, params string[] parameters) => module.ImportReference(
        resolver.Definition(type).Methods.Single(m => m.Name == member && m.Parameters.Select(p => p.ParameterType.FullName).SequenceEqual(parameters)));
}
