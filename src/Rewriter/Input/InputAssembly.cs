using System.Reflection.PortableExecutable;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker;

namespace Verify.Rewriter.Input;

/// <summary>An assembly read for rewriting, with its symbols; refuses what cannot be rewritten.</summary>
internal sealed class InputAssembly
{
    // Attributes and types that other instrumenting tools leave behind, and the tool.
    private static readonly (string Trace, string Tool)[] s_otherTools =
    [
        ("Microsoft.Coyote.Rewriting.RewritingSignatureAttribute", "coyote rewrite"),
        ("Coverlet.Core.Instrumentation.Tracker.", "coverlet"),
        ("AltCover.Recorder.InstrumentationAttribute", "AltCover"),
        ("Microsoft.CodeCoverage.Instrumentation.", "Microsoft code coverage"),
    ];

    private readonly List<string> _notes = [];

    private InputAssembly(string path, ModuleDefinition module)
    {
        Path = path;
        Module = module;
    }

    internal string Path { get; }

    internal ModuleDefinition Module { get; private set; }

    /// <summary>Where the symbols were; null when there are none.</summary>
    internal ISymbolWriterProvider? SymbolWriter { get; private set; }

    internal bool HasSeparateSymbols => SymbolWriter is PortablePdbWriterProvider;

    internal IReadOnlyList<string> Notes => _notes;

    internal static (byte[] Pe, byte[]? Pdb) ReadFiles(string path)
    {
        if (!File.Exists(path))
        {
            throw new RewriteException($"{path} does not exist; build it first, or correct the path.");
        }

        try
        {
            string pdb = System.IO.Path.ChangeExtension(path, ".pdb");
            return (File.ReadAllBytes(path), File.Exists(pdb) ? File.ReadAllBytes(pdb) : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RewriteException($"{path} cannot be read ({FirstLine(e)}); close what holds it, or correct its permissions.", e);
        }
    }

    internal static InputAssembly Read(string path, byte[] pe, byte[]? pdb, IAssemblyResolver resolver)
    {
        string name = System.IO.Path.GetFileName(path);
        PEReader image = CheckImage(name, pe);
        ModuleDefinition module = ReadModule(name, pe, new ReaderParameters(ReadingMode.Deferred) { AssemblyResolver = resolver });
        var input = new InputAssembly(path, module);
        input.CheckAssembly(name);
        input.ReadSymbols(name, image, pe, pdb);
        input.DropNativeCode(name, image);
        input.DropSignature(name);
        return input;
    }

    /// <summary>Reads an assembly from its file.</summary>
    /// <exception cref="RewriteException">It is no assembly.</exception>
    internal static InputAssembly Open(string path, FrameworkResolver resolver)
    {
        (byte[] pe, byte[]? pdb) = ReadFiles(path);
        return Read(path, pe, pdb, resolver);
    }

    private static ModuleDefinition ReadModule(string name, byte[] pe, ReaderParameters parameters)
    {
        try
        {
            return ModuleDefinition.ReadModule(new MemoryStream(pe), parameters);
        }
        catch (Exception e) when (e is BadImageFormatException or ArgumentException or IndexOutOfRangeException or InvalidOperationException
            or NotSupportedException or EndOfStreamException or OverflowException)
        {
            throw new RewriteException($"{name} has damaged metadata ({FirstLine(e)}); build it again.", e);
        }
    }

    private static PEReader CheckImage(string name, byte[] pe)
    {
        var image = new PEReader(new MemoryStream(pe));
        bool managed;
        try
        {
            managed = image.HasMetadata;
        }
        catch (BadImageFormatException)
        {
            managed = false;
        }

        if (!managed)
        {
            throw new RewriteException($"{name} is not a managed assembly; give the .dll that `dotnet build` made.");
        }

        if ((image.PEHeaders.CorHeader!.Flags & CorFlags.ILOnly) == 0 && !IsReadyToRun(image))
        {
            throw new RewriteException($"{name} mixes managed and native code, which cannot be rewritten; move the managed part out of it.");
        }

        return image;
    }

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].TrimEnd('.', '\r');

    private static bool IsReadyToRun(PEReader image) => image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size != 0;

    private void CheckAssembly(string name)
    {
        if (Module.Assembly is null)
        {
            throw new RewriteException($"{name} is a netmodule, not an assembly; link it into an assembly first.");
        }

        string[] attributes = [.. Module.Assembly.CustomAttributes.Concat(Module.CustomAttributes).Select(a => a.AttributeType.FullName)];
        if (attributes.Contains("System.Runtime.CompilerServices.ReferenceAssemblyAttribute"))
        {
            throw new RewriteException($"{name} is a reference assembly, which has no code; give the one in the bin folder, not the one in ref.");
        }

        if (attributes.Contains(typeof(RewrittenAttribute).FullName))
        {
            throw new RewriteException($"{name} is already rewritten; give the original that the build made.");
        }

        foreach ((string trace, string tool) in s_otherTools)
        {
            if (attributes.Contains(trace) || Module.Types.Any(t => t.FullName.StartsWith(trace, StringComparison.Ordinal)))
            {
                throw new RewriteException($"{name} is already rewritten by {tool}; give the original that the build made.");
            }
        }
    }

    private void ReadSymbols(string name, PEReader image, byte[] pe, byte[]? pdb)
    {
        bool embedded = image.ReadDebugDirectory().Any(d => d.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        if (!embedded && pdb is null)
        {
            _notes.Add($"{name} has no symbols: reports name methods but no source lines; build with <DebugType>portable</DebugType>.");
            return;
        }

        if (!embedded && !pdb.AsSpan().StartsWith("BSJB"u8))
        {
            throw new RewriteException(
                $"The symbols of {name} are not in the portable format; build with <DebugType>portable</DebugType>, or delete the .pdb.");
        }

        try
        {
            // Cecil attaches symbols only while it reads, so the module is read a second time, now whole.
            Module = ModuleDefinition.ReadModule(new MemoryStream(pe), new ReaderParameters(ReadingMode.Immediate)
            {
                AssemblyResolver = Module.AssemblyResolver,
                ReadSymbols = true,
                ThrowIfSymbolsAreNotMatching = true,
                SymbolReaderProvider = embedded ? new EmbeddedPortablePdbReaderProvider() : new PortablePdbReaderProvider(),
                SymbolStream = embedded ? null : new MemoryStream(pdb!),
            });
        }
        catch (SymbolsNotMatchingException e)
        {
            throw new RewriteException($"The symbols of {name} belong to another build of it; build again, or delete the .pdb.", e);
        }
        catch (Exception e) when (e is BadImageFormatException or ArgumentException or IndexOutOfRangeException or InvalidOperationException
            or NotSupportedException or IOException or OverflowException or NullReferenceException)
        {
            throw new RewriteException($"The symbols of {name} are damaged ({FirstLine(e)}); build again, or delete the .pdb.", e);
        }

        SymbolWriter = embedded ? new EmbeddedSymbolWriterProvider() : new PortablePdbWriterProvider();
    }

    private void DropNativeCode(string name, PEReader image)
    {
        if (!IsReadyToRun(image))
        {
            return;
        }

        if (Module.GetTypes().SelectMany(t => t.Methods).Any(
            m => m is { RVA: 0, IsAbstract: false, IsPInvokeImpl: false, IsRuntime: false, IsInternalCall: false }))
        {
            throw new RewriteException($"{name} is compiled ahead of time and has lost its IL; build without PublishReadyToRun.");
        }

        Module.Architecture = TargetArchitecture.I386;
        Module.Attributes = ModuleAttributes.ILOnly;
        _notes.Add($"{name} is compiled ahead of time: its native code was dropped, and its IL rewritten.");
    }

    private void DropSignature(string name)
    {
        if ((Module.Attributes & ModuleAttributes.StrongNameSigned) != 0)
        {
            Module.Attributes &= ~ModuleAttributes.StrongNameSigned;
            _notes.Add($"{name} was strong-name signed: the signature was dropped, the public key kept; .NET loads it all the same.");
        }
    }

    // Cecil wants the name of the output file, which it has not when it writes to a stream; only the name of the .pdb within comes of it.
    private sealed class EmbeddedSymbolWriterProvider : ISymbolWriterProvider
    {
        public ISymbolWriter GetSymbolWriter(ModuleDefinition module, string fileName) =>
            new EmbeddedPortablePdbWriterProvider().GetSymbolWriter(module, module.Assembly.Name.Name + ".dll");

        public ISymbolWriter GetSymbolWriter(ModuleDefinition module, Stream symbolStream) => throw new NotSupportedException();
    }
}
