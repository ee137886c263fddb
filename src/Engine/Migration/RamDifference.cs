using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Memory;

namespace Verify.Engine.Migration;

/// <summary>Compares the RAM of two machines, none of which runs.</summary>
public static unsafe class RamDifference
{
    /// <summary>Where the first difference is, in words; null if all blocks are there with the same bytes.</summary>
    public static string? Find(Machine a, Machine b)
    {
        if (Compare("RAM", a.Ram.Bytes, a.Ram.Size, b.Ram.Bytes, b.Ram.Size, a.Ram.Start) is { } first)
        {
            return first;
        }

        IReadOnlyList<RamBlock> ofA = a.Ram.Others?.Blocks ?? [], ofB = b.Ram.Others?.Blocks ?? [];
        if (ofA.Select(block => block.Name).Order().SequenceEqual(ofB.Select(block => block.Name).Order()))
        {
            return ofA.Select(block => (block, Other: ofB.First(other => other.Name == block.Name)))
                .Select(pair => Compare(
                    $"RAM block '{pair.block.Name}'", pair.block.Bytes, pair.block.Size, pair.Other.Bytes, pair.Other.Size, pair.block.Start))
                .FirstOrDefault(difference => difference != null);
        }

        return $"one has the RAM blocks [{string.Join(", ", ofA.Select(x => x.Name))}], the other [{string.Join(", ", ofB.Select(x => x.Name))}]";
    }

    private static string? Compare(string name, byte* a, ulong sizeOfA, byte* b, ulong sizeOfB, ulong start)
    {
        if (sizeOfA != sizeOfB)
        {
            return $"{name} has 0x{sizeOfA:x} bytes in one machine, 0x{sizeOfB:x} in the other";
        }

        for (ulong page = 0; page < sizeOfA; page += GuestRam.PageSize)
        {
            int same = new ReadOnlySpan<byte>(a + page, GuestRam.PageSize).CommonPrefixLength(new ReadOnlySpan<byte>(b + page, GuestRam.PageSize));
            if (same < GuestRam.PageSize)
            {
                ulong at = page + (ulong)same;
                return $"{name} differs at 0x{start + at:x}: 0x{a[at]:x2} in one machine, 0x{b[at]:x2} in the other";
            }
        }

        return null;
    }
}
