using System.Text;

namespace Verify.Checker.Runtime;

/// <summary>FNV-1a, 64 bits: a hash that is the same in every process, unlike <see cref="string.GetHashCode()"/>.</summary>
internal static class Fnv
{
    internal const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    internal static ulong Hash(string text)
    {
        ulong hash = Offset;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ b) * Prime;
        }

        return hash;
    }

    // One multiply for a whole word: a digest is compared for equality only, so byte-wise FNV would buy nothing.
    internal static ulong Mix(ulong hash, ulong word)
    {
        hash = (hash ^ word) * Prime;
        return hash ^ (hash >> 29);
    }
}
