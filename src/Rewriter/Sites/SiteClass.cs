using System.Text;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Runtime;
using Verify.Rewriter.Input;

namespace Verify.Rewriter.Sites;

/// <summary>The class <c>&lt;Verify&gt;.Sites</c> and the resource it registers, as the remarks of <see cref="SiteTable"/> describe them.</summary>
internal sealed class SiteClass
{
    internal const string Namespace = "<Verify>";

    private readonly ModuleDefinition _module;
    private readonly FrameworkResolver _resolver;
    private readonly TypeDefinition _type;

    internal SiteClass(ModuleDefinition module, FrameworkResolver resolver)
    {
        _module = module;
        _resolver = resolver;

        // Before-field-init: the read of Base is then one load in compiled code, and a constant once the method is recompiled.
        _type = new TypeDefinition(
            Namespace,
            "Sites",
            TypeAttributes.NotPublic | TypeAttributes.Abstract | TypeAttributes.Sealed | TypeAttributes.BeforeFieldInit,
            module.TypeSystem.Object);
        Base = new FieldDefinition(
            "Base", FieldAttributes.Assembly | FieldAttributes.Static | FieldAttributes.InitOnly, module.TypeSystem.Int32);
        _type.Fields.Add(Base);
    }

    internal FieldDefinition Base { get; }

    /// <summary>Adds the class and the table to the module.</summary>
    internal void Emit(IReadOnlyList<Site> sites, IReadOnlyList<SiteTraits> traits)
    {
        TypeReference type = Framework(typeof(Type));
        TypeReference assembly = Framework(typeof(System.Reflection.Assembly));
        var fromHandle = new MethodReference("GetTypeFromHandle", type, type);
        fromHandle.Parameters.Add(new ParameterDefinition(Framework(typeof(RuntimeTypeHandle))));
        var getAssembly = new MethodReference("get_Assembly", assembly, type) { HasThis = true };
        MethodReference register = _module.ImportReference(
            _resolver.Definition(typeof(SiteTable)).Methods.Single(m => m.Name == nameof(SiteTable.Register)));

        var initializer = new MethodDefinition(
            ".cctor",
            MethodAttributes.Private | MethodAttributes.Static | MethodAttributes.HideBySig | MethodAttributes.SpecialName
                | MethodAttributes.RTSpecialName,
            _module.TypeSystem.Void);
        ILProcessor il = initializer.Body.GetILProcessor();
        il.Emit(OpCodes.Ldtoken, _type);
        il.Emit(OpCodes.Call, fromHandle);
        il.Emit(OpCodes.Callvirt, getAssembly);
        il.Emit(OpCodes.Call, register);
        il.Emit(OpCodes.Stsfld, Base);
        il.Emit(OpCodes.Ret);
        _type.Methods.Add(initializer);
        _module.Types.Add(_type);
        _module.Resources.Add(new EmbeddedResource(SiteTable.ResourceName, ManifestResourceAttributes.Public, Text(sites, traits)));
    }

    private static byte[] Text(IReadOnlyList<Site> sites, IReadOnlyList<SiteTraits> traits)
    {
        var text = new StringBuilder();
        for (int i = 0; i < sites.Count; i++)
        {
            Site site = sites[i];
            text.Append(site.Method).Append('\t').Append(site.Ordinal).Append('\t').Append(site.Operation).Append('\t')
                .Append(site.File).Append('\t').Append(site.Line).Append('\t').Append(site.Location);
            if (traits[i] != SiteTraits.None)
            {
                text.Append('\t').Append((byte)traits[i]);
            }

            text.Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private TypeReference Framework(Type type) => new(
        type.Namespace, type.Name, _module, _module.TypeSystem.CoreLibrary, type.IsValueType);
}
