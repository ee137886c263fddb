using System.Globalization;

namespace Verify.Checker.Campaigns;

/// <summary>One machine's part of a campaign, written <c>i/n</c>, from 1.</summary>
public readonly record struct Shard(int Number, int Count)
{
    /// <summary>The whole campaign.</summary>
    public static Shard Whole { get; } = new(1, 1);

    /// <summary>Whether the block is this shard's. Cells are dealt out, then the blocks of each, so that every shard begins with other cells.</summary>
    public bool Has(int cell, int block) => (cell + block) % Count == Number - 1;

    /// <summary>Reads <c>i/n</c>.</summary>
    public static bool TryParse(string text, out Shard shard)
    {
        ArgumentNullException.ThrowIfNull(text);
        shard = Whole;
        string[] parts = text.Split('/');
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            || number < 1 || number > count)
        {
            return false;
        }

        shard = new Shard(number, count);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Number}/{Count}";
}
