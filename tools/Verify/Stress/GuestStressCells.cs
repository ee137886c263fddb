using System.Reflection;
using Verify.Engine.Backends;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Stress;

/// <summary>A guest under a strategy by a back end, on real threads with delays.</summary>
/// <param name="Guest">Name of a guest of <see cref="GuestStressCells"/>, or path of an ELF file.</param>
/// <param name="Strategy">As in <see cref="InvalidationCatalog"/>.</param>
/// <param name="Backend">How code is executed.</param>
/// <param name="IsSound">No run may fail.</param>
internal sealed record GuestStressCell(string Guest, string Strategy, BackendKind Backend, bool IsSound);

/// <summary>Which guests are stressed, and under what.</summary>
internal static class GuestStressCells
{
    private const string Prefix = "stress/";

    /// <summary>Guests that come with this program.</summary>
    internal static IReadOnlyList<string> Guests { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(n => n[Prefix.Length..]).Order(StringComparer.Ordinal),
    ];

    /// <summary>
    /// Every strategy by every back end; the designs that history refuted by the interpreter alone: in machine code what they do wrong is undefined
    /// behaviour of the host.
    /// </summary>
    internal static IReadOnlyList<GuestStressCell> Of(IEnumerable<string> guests) =>
    [
        .. from guest in guests
           from backend in Enum.GetValues<BackendKind>()
           from design in InvalidationCatalog.All.Where(d => d.IsSound)
           select new GuestStressCell(guest, design.Name, backend, IsSound: true),
        .. from guest in guests
           from design in InvalidationCatalog.All.Concat(InvalidationCatalog.Combinations.Where(c => c.Name is not ("global-flag/under-lock/recycled")))
           where !design.IsSound
           select new GuestStressCell(guest, design.Name, BackendKind.Interpreter, IsSound: false),
    ];

    /// <summary>The bytes of a guest.</summary>
    /// <exception cref="InputException">There is no such guest, and no such file.</exception>
    internal static byte[] Read(string guest)
    {
        if (!Guests.Contains(guest))
        {
            return File.Exists(guest) ? File.ReadAllBytes(guest)
                : throw new InputException($"there is no guest '{guest}'; there are {string.Join(", ", Guests)}, or give the path of an ELF file");
        }

        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + guest)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
