using System.Reflection;

namespace Verify.Checker.Runtime;

/// <summary>All sites of all rewritten assemblies in this process. A rewritten assembly registers itself when its first site runs.</summary>
/// <remarks>
/// The rewriter embeds the resource <see cref="ResourceName"/>: UTF-8 text, one line a site in local-number order, tab-separated
/// <c>method ordinal operation file line location</c> and, unless it is 0, <see cref="SiteTraits"/> as a number; and a class
/// <c>&lt;Verify&gt;.Sites</c> whose <c>static readonly int Base</c> is set to
/// <see cref="Register"/>. The site argument of a shim is <c>Base + local number</c>.
/// </remarks>
public static class SiteTable
{
    /// <summary>Name of the embedded resource.</summary>
    public const string ResourceName = "verify.sites";

    private static readonly object s_gate = new();
    private static Site[] s_sites = [new Site("(unknown)", 0, "(unknown)", "", 0)]; // replaced whole under s_gate, read without
    private static ulong[] s_stableIds = [s_sites[0].StableId];                    // grows with s_sites
    private static SiteTraits[] s_traits = [SiteTraits.None];                     // grows with s_sites
    private static int s_count = 1;                                                // under s_gate; number 0 means "unknown site"

    /// <summary>Adds the sites of a rewritten assembly and returns the number of its first one.</summary>
    public static int Register(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ThreadStatics.Add(assembly);
        using Stream stream = assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no {ResourceName} resource; rewrite it again.");
        using var reader = new StreamReader(stream);
        var read = new List<Site>();
        var traits = new List<SiteTraits>();
        while (reader.ReadLine() is { } line)
        {
            string[] f = line.Split('\t');
            read.Add(new Site(f[0], int.Parse(f[1]), f[2], f[3], int.Parse(f[4])) { Location = f[5] });
            traits.Add(f.Length > 6 ? (SiteTraits)byte.Parse(f[6]) : SiteTraits.None);
        }

        lock (s_gate)
        {
            int first = s_count;
            var grown = new Site[first + read.Count];
            s_sites.AsSpan(0, first).CopyTo(grown);
            read.CopyTo(grown, first);
            Volatile.Write(ref s_traits, [.. s_traits.AsSpan(0, first), .. traits]);
            Volatile.Write(ref s_stableIds, Array.ConvertAll(grown, s => s.StableId));
            Volatile.Write(ref s_sites, grown);
            s_count = grown.Length;
            return first;
        }
    }

    internal static ulong StableId(int site)
    {
        ulong[] ids = s_stableIds;
        return (uint)site < (uint)ids.Length ? ids[site] : ids[0];
    }

    internal static SiteTraits Traits(int site)
    {
        SiteTraits[] traits = s_traits;
        return (uint)site < (uint)traits.Length ? traits[site] : SiteTraits.None;
    }

    /// <summary>The site of that number; number 0 and numbers never given out are the unknown site.</summary>
    public static Site Get(int site)
    {
        Site[] sites = Volatile.Read(ref s_sites);
        return (uint)site < (uint)sites.Length ? sites[site] : sites[0];
    }
}
