using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Rocks;
using Verify.Checker;
using Verify.Checker.Runtime;
using Verify.Rewriter.Il;
using Verify.Rewriter.Input;
using Verify.Rewriter.Mutation;
using Verify.Rewriter.Passes;
using Verify.Rewriter.Sites;

namespace Verify.Rewriter;

/// <summary>Redirects the synchronization of assemblies to the checker's shims.</summary>
/// <remarks>
/// The output depends on the input, the options and the rewriter's version only: the same input gives the same bytes. The output's module version
/// id is a hash of its content; the input's is kept in <see cref="RewrittenAttribute"/>.
/// </remarks>
public static class AssemblyRewriter
{
    /// <summary>Version recorded in <see cref="RewrittenAttribute"/>.</summary>
    public static string Version { get; } =
        typeof(AssemblyRewriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Rewrites a file, and the symbols beside it, to another file.</summary>
    /// <exception cref="RewriteException">The input cannot be rewritten; the message says why and what to do.</exception>
    public static RewriteResult Rewrite(string inputPath, string outputPath, RewriteOptions options)
    {
        CheckOutput(inputPath, outputPath);
        RewrittenImage image = RewriteInMemory(inputPath, options);
        Write(image, outputPath);
        return image.Result;
    }

    /// <summary>Rewrites a file, and the symbols beside it, to streams; embedded symbols stay embedded.</summary>
    /// <exception cref="RewriteException">The input cannot be rewritten; the message says why and what to do.</exception>
    public static RewriteResult Rewrite(string inputPath, Stream pe, Stream? pdb, RewriteOptions options)
    {
        ArgumentNullException.ThrowIfNull(pe);
        RewrittenImage image = RewriteInMemory(inputPath, options);
        pe.Write(image.Pe);
        pdb?.Write(image.Pdb);
        return image.Result;
    }

    /// <summary>Rewrites a file, and the symbols beside it, in memory.</summary>
    /// <exception cref="RewriteException">The input cannot be rewritten; the message says why and what to do.</exception>
    public static RewrittenImage RewriteInMemory(string inputPath, RewriteOptions options)
    {
        ArgumentNullException.ThrowIfNull(inputPath);
        (byte[] pe, byte[]? pdb) = InputAssembly.ReadFiles(inputPath);
        return RewriteInMemory(inputPath, pe, pdb, options);
    }

    /// <summary>Rewrites an assembly that is in memory already.</summary>
    /// <param name="name">Its path, or a name to call it by in messages.</param>
    /// <param name="pe">The assembly.</param>
    /// <param name="pdb">Its symbols, if they are not embedded.</param>
    /// <param name="options">What to do.</param>
    /// <exception cref="RewriteException">The input cannot be rewritten; the message says why and what to do.</exception>
    public static RewrittenImage RewriteInMemory(string name, byte[] pe, byte[]? pdb, RewriteOptions options) =>
        RewriteOne(name, pe, pdb, options, [name]);

    /// <summary>
    /// Rewrites assemblies that refer to each other, with their symbols, into a folder. Nothing is written unless all can be rewritten.
    /// </summary>
    /// <exception cref="RewriteException">An input cannot be rewritten; the message says which, why and what to do.</exception>
    public static IReadOnlyList<RewriteResult> RewriteSet(IReadOnlyList<string> inputs, string outputDirectory, RewriteOptions options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputDirectory);
        if (inputs.GroupBy(Path.GetFileName).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new RewriteException($"{twice.Key} is given twice, and both would go to the same output file; name each assembly once.");
        }

        string[] outputs = [.. inputs.Select(i => Path.Combine(outputDirectory, Path.GetFileName(i)))];
        for (int i = 0; i < outputs.Length; i++)
        {
            CheckOutput(inputs[i], outputs[i]);
        }

        IReadOnlyList<RewrittenImage> images = RewriteSetInMemory(inputs, options);
        for (int i = 0; i < outputs.Length; i++)
        {
            Write(images[i], outputs[i]);
        }

        return [.. images.Select(i => i.Result)];
    }

    /// <summary>Rewrites assemblies that refer to each other, with their symbols, in memory; in the order given.</summary>
    /// <exception cref="RewriteException">An input cannot be rewritten; the message says which, why and what to do.</exception>
    public static IReadOnlyList<RewrittenImage> RewriteSetInMemory(IReadOnlyList<string> inputs, RewriteOptions options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        List<RewrittenImage> images = [];
        foreach (string input in inputs)
        {
            (byte[] pe, byte[]? pdb) = InputAssembly.ReadFiles(input);
            images.Add(RewriteOne(input, pe, pdb, options, inputs));
        }

        return images;
    }

    private static RewrittenImage RewriteOne(string path, byte[] pe, byte[]? pdb, RewriteOptions options, IReadOnlyList<string> set)
    {
        ArgumentNullException.ThrowIfNull(options);
        IEnumerable<string> folders = set.Select(p => Path.GetDirectoryName(Path.GetFullPath(p))!).Distinct();
        using var resolver = new FrameworkResolver([.. folders, .. options.SearchDirectories]);
        RewriteMap map = RewriteMap.Create(options.ShimTypes ?? RewriteMap.Default, resolver);
        InputAssembly input = InputAssembly.Read(path, pe, pdb, resolver);
        HashSet<string> rewritten = [.. set.Select(p => Path.GetFileNameWithoutExtension(p)!), input.Module.Assembly.Name.Name];
        Guid original = input.Module.Mvid;
        string[] references = [.. input.Module.AssemblyReferences.Select(r => r.Name)];
        IReadOnlyList<StaticField> statics = StaticFields.Of(input.Module);

        if (options.Mutation is { } mutation)
        {
            MutationCatalog.Apply(input.Module, mutation);
        }

        var context = new ModuleContext(input.Module, map, options, resolver, rewritten);
        if (options.PlantRace)
        {
            new PlantedRace(input.Module, resolver).Plant();
        }

        SiteNumbers numbers = RewriteBodies(context, PassList.For(options));
        if (options.ResetStatics)
        {
            StaticState.Rewrite(context);
        }

        context.SiteClass.Emit(numbers.Sites, numbers.Traits);
        context.Stubs.Emit();
        MarkRewritten(context, resolver, original);

        (byte[] newPe, byte[]? newPdb) = Write(input);
        var result = new RewriteResult(
            input.Module.Assembly.Name.Name,
            original,
            numbers.Sites,
            numbers.Report,
            statics,
            [.. references.Where(r => !FrameworkResolver.IsFramework(r) && !rewritten.Contains(r) && r != typeof(SiteTable).Assembly.GetName().Name)],
            input.Notes);
        return new RewrittenImage(newPe, newPdb, result);
    }

    private static SiteNumbers RewriteBodies(ModuleContext context, IReadOnlyList<IRewritePass> passes)
    {
        var names = new MethodNames(context.Module);
        var numbers = new SiteNumbers();
        IEnumerable<MethodDefinition> methods = context.Module.GetTypes().SelectMany(t => t.Methods);
        foreach (MethodDefinition method in methods.Where(m => m.HasBody && m.Body.Instructions.Count > 0))
        {
            // Short branches would not reach over what is inserted; OptimizeMacros shortens again those that do.
            var editor = new MethodEditor(method, context);
            method.Body.SimplifyMacros();
            foreach (IRewritePass pass in passes)
            {
                pass.Run(editor);
            }

            numbers.Number(editor, names[method]);
            method.Body.OptimizeMacros();
        }

        return numbers;
    }

    private static void MarkRewritten(ModuleContext context, FrameworkResolver resolver, Guid original)
    {
        TypeDefinition attribute = resolver.Definition(typeof(RewrittenAttribute));
        var mark = new CustomAttribute(context.Module.ImportReference(attribute.Methods.Single(m => m.IsConstructor)));
        mark.ConstructorArguments.Add(new CustomAttributeArgument(context.Module.TypeSystem.String, Version));
        mark.ConstructorArguments.Add(new CustomAttributeArgument(context.Module.TypeSystem.String, original.ToString("D")));
        mark.Properties.Add(new Mono.Cecil.CustomAttributeNamedArgument(
            nameof(RewrittenAttribute.PlainAccesses), new CustomAttributeArgument(context.Module.TypeSystem.Boolean, context.Options.PlainAccesses)));
        context.Module.Assembly.CustomAttributes.Add(mark);
    }

    private static (byte[] Pe, byte[]? Pdb) Write(InputAssembly input)
    {
        using var pe = new MemoryStream();
        using var pdb = new MemoryStream();
        input.Module.Write(pe, new WriterParameters
        {
            DeterministicMvid = true,
            Timestamp = 0,
            WriteSymbols = input.SymbolWriter is not null,
            SymbolWriterProvider = input.SymbolWriter,
            SymbolStream = input.HasSeparateSymbols ? pdb : null,
        });
        return (pe.ToArray(), input.HasSeparateSymbols ? pdb.ToArray() : null);
    }

    private static void CheckOutput(string input, string output)
    {
        if (Path.GetFullPath(input) == Path.GetFullPath(output))
        {
            throw new RewriteException($"{input} would overwrite itself, and could not be rewritten again; choose another output folder.");
        }
    }

    private static void Write(RewrittenImage image, string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllBytes(path, image.Pe);
            string pdb = Path.ChangeExtension(path, ".pdb");
            if (image.Pdb is not null)
            {
                File.WriteAllBytes(pdb, image.Pdb);
            }
            else
            {
                File.Delete(pdb); // symbols of an earlier output would not match
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RewriteException($"{path} cannot be written ({e.Message.TrimEnd('.')}); choose another output folder.", e);
        }
    }
}
