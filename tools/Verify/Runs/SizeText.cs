using System.Globalization;
using Verify.Engine.Guest;

namespace Verify.Cli.Runs;

/// <summary>Reads sizes and moments as a command line gives them: <c>64M</c>, <c>16M@200000</c>.</summary>
internal static class SizeText
{
    /// <summary>Bytes and instructions of <c>SIZE@N</c>.</summary>
    /// <exception cref="InputException">It is not written so.</exception>
    internal static (long Size, long At) ParsePlug(string text)
    {
        string[] parts = text.Split('@');
        return parts.Length == 2 && TryParseSize(parts[0], out long size) && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long at)
            ? (size, at)
            : throw new InputException(
                $"--hotplug '{text}' is not SIZE@N: give a size in whole pages of {GuestRam.PageSize} bytes, up to 1T, and a number of guest instructions, "
                + "as in 16M@200000");
    }

    private static bool TryParseSize(string text, out long size)
    {
        int unit = text.Length == 0 ? 0 : "KMGT".IndexOf(char.ToUpperInvariant(text[^1])) + 1;
        bool isNumber = long.TryParse(unit > 0 ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        size = isNumber && number <= 1L << 40 >> (10 * unit) ? number << (10 * unit) : 0;
        return size > 0 && size % GuestRam.PageSize == 0;
    }
}
