using Verify.Engine.Translation;

namespace Verify.Engine.Backends.X64;

/// <summary>The machine code of one block: where it is, and the two branches that chaining patches.</summary>
internal sealed unsafe class NativeCode(CodeMemory memory, CodeRegion region, long epoch, int entry)
{
    /// <summary>Bytes between <see cref="Entry"/> and <see cref="Body"/>: the test for an exit request.</summary>
    internal const int HeadSize = 13;

    /// <summary>Offset of the code in its memory: where other blocks jump to.</summary>
    public int Entry { get; } = entry;

    /// <summary>Bytes, with stubs and the table that maps offsets to operations.</summary>
    public int Length { get; internal set; }

    /// <summary>Bytes of code in front of that table.</summary>
    public int CodeLength { get; internal set; }

    /// <summary>Offset, inside this code, of the displacement of each exit's branch; 0 if there is no such exit.</summary>
    public (int Exit0, int Exit1) Branches { get; internal set; }

    /// <summary>Offset, inside this code, of where an exit goes that is not linked.</summary>
    public (int Exit0, int Exit1) Stubs { get; internal set; }

    /// <summary>Offset, inside this code, of the head of a block that loops: where exit 1 goes if it is linked to itself; otherwise 0.</summary>
    public int LoopHead { get; internal set; }

    public CodeRegion Region { get; } = region;

    /// <summary>Flushes of the code memory before this was generated.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>Where code starts that may not be interrupted before its first instruction.</summary>
    public byte* Body => memory.At(Entry + HeadSize);

    public CodeMemory Memory => memory;

    /// <summary>Makes exit <paramref name="n"/> branch to the target, or to its stub: one aligned store of four bytes.</summary>
    public void SetTarget(int n, TbCode? target)
    {
        (int branch, int stub) = n == 0 ? (Branches.Exit0, Stubs.Exit0) : (Branches.Exit1, Stubs.Exit1);
        if (branch != 0)
        {
            memory.Patch(Entry + branch, AimOf(n, target?.Native, stub) - (Entry + branch + 4));
        }
    }

    // A loop keeps guest registers in host registers over the branch back: to any other block it goes by way of the main loop.
    private int AimOf(int n, NativeCode? target, int stub) =>
        target == null || (n == 1 && LoopHead != 0 && target != this) ? Entry + stub :
        n == 1 && LoopHead != 0 ? Entry + LoopHead : target.Entry;

    /// <summary>Number of the operation that the machine code at an offset inside <see cref="CodeLength"/> belongs to.</summary>
    public int OpAt(int offset)
    {
        // Pairs of a start and an operation, ascending, behind the code.
        ushort* table = (ushort*)memory.At(Entry + ((CodeLength + 1) & ~1));
        int count = (Length - ((CodeLength + 1) & ~1)) / 4, low = 0;
        for (int high = count - 1; low < high;)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = table[2 * middle] <= offset ? (middle, high) : (low, middle - 1);
        }

        return table[(2 * low) + 1];
    }
}
