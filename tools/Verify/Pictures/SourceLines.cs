using System.Collections.Immutable;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;

namespace Verify.Cli.Pictures;

/// <summary>Lines of the sources that assemblies were built from: out of the symbols, where the compiler put them, otherwise from disk.</summary>
/// <remarks>Portable PDB specification, "Embedded Source". Whatever is missing or damaged only means that there is no line.</remarks>
internal sealed class SourceLines
{
    private static readonly Guid s_embeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    private readonly string[] _assemblies;
    private Dictionary<string, Func<string[]>>? _documents;
    private readonly Dictionary<string, string[]> _read = [];

    /// <param name="assemblies">Paths of assemblies, their symbols inside or beside them.</param>
    internal SourceLines(params IEnumerable<string> assemblies) => _assemblies = [.. assemblies];

    /// <summary>The lines of a file as named in the symbols; none when it is not known.</summary>
    internal string[] Of(string file)
    {
        if (file.Length == 0)
        {
            return [];
        }

        if (!_read.TryGetValue(file, out string[]? lines))
        {
            _documents ??= Index();
            lines = _documents.TryGetValue(file, out Func<string[]>? embedded) ? embedded() : FromDisk(file);
            _read.Add(file, lines);
        }

        return lines;
    }

    /// <summary>The lines of the file that declares a struct of that name; none when no symbols have it.</summary>
    internal string[] Declaring(string type)
    {
        _documents ??= Index();
        return _documents.Values.Select(d => d()).FirstOrDefault(
            lines => lines.Any(l => l.TrimEnd().EndsWith(" struct " + type, StringComparison.Ordinal) || l.Contains(" struct " + type + " ", StringComparison.Ordinal))) ?? [];
    }

    private static string[] FromDisk(string file)
    {
        try
        {
            return Path.IsPathFullyQualified(file) && File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private Dictionary<string, Func<string[]>> Index()
    {
        var documents = new Dictionary<string, Func<string[]>>(StringComparer.Ordinal);
        foreach (string assembly in _assemblies)
        {
            try
            {
                Add(assembly, documents);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException)
            {
                // no symbols, no source
            }
        }

        return documents;
    }

    private static void Add(string assembly, Dictionary<string, Func<string[]>> documents)
    {
        using var pe = new PEReader(new MemoryStream(File.ReadAllBytes(assembly)));
        static MemoryStream? Open(string path) => File.Exists(path) ? new MemoryStream(File.ReadAllBytes(path)) : null;
        if (!pe.TryOpenAssociatedPortablePdb(assembly, Open, out MetadataReaderProvider? provider, out _) || provider is null)
        {
            return;
        }

        using MetadataReaderProvider symbols = provider;
        MetadataReader reader = provider.GetMetadataReader();
        foreach (DocumentHandle handle in reader.Documents)
        {
            foreach (CustomDebugInformationHandle information in reader.GetCustomDebugInformation(handle))
            {
                CustomDebugInformation found = reader.GetCustomDebugInformation(information);
                if (reader.GetGuid(found.Kind) == s_embeddedSource)
                {
                    ImmutableArray<byte> blob = reader.GetBlobContent(found.Value);
                    documents.TryAdd(reader.GetString(reader.GetDocument(handle).Name), () => Unpack(blob));
                }
            }
        }
    }

    // A 32-bit length, 0 for text as it is, then the text or its deflated form.
    private static string[] Unpack(ImmutableArray<byte> blob)
    {
        byte[] bytes = [.. blob];
        try
        {
            using Stream content = new MemoryStream(bytes, 4, bytes.Length - 4);
            using Stream text = BitConverter.ToInt32(bytes) == 0 ? content : new DeflateStream(content, CompressionMode.Decompress);
            using var reader = new StreamReader(text, Encoding.UTF8);
            return reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            return [];
        }
    }
}
