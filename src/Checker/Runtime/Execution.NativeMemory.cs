using System.Runtime.InteropServices;

namespace Verify.Checker.Runtime;

internal sealed unsafe partial class Execution
{
    private const byte Poison = 0xDD;

    private readonly Dictionary<nuint, NativeBlock> _blocks = [];

    private record struct NativeBlock(nuint Size, bool Aligned, bool Freed);

    internal void Allocated(void* block, nuint size, bool aligned)
    {
        _blocks[(nuint)block] = new NativeBlock(size, aligned, Freed: false);
        Memory?.Forget(block, size);
    }

    internal nuint SizeOf(void* block) => _blocks.TryGetValue((nuint)block, out NativeBlock found) ? found.Size : 0;

    /// <summary>
    /// Marks the block as freed, poisons it and keeps it until the execution ends, so that an address is never handed out twice in one
    /// execution. False when the block is not of this execution and must be freed for real.
    /// </summary>
    internal bool Freed(ControlledThread self, void* block, int site)
    {
        if (!_blocks.TryGetValue((nuint)block, out NativeBlock found))
        {
            return false;
        }

        if (found.Freed)
        {
            throw FailHere(self, new Failure(FailureKind.BadFree, "native memory freed twice at " + SiteTable.Get(site).Place, self.Id, Environment.StackTrace));
        }

        new Span<byte>(block, (int)Math.Min(found.Size, int.MaxValue)).Fill(Poison);
        Memory?.Forget(block, found.Size);
        _blocks[(nuint)block] = found with { Freed = true };
        return true;
    }

    // A block that nobody freed stays: a finalizer may free it later, off control, even when the execution was aborted.
    private void ReleaseQuarantine()
    {
        foreach ((nuint address, NativeBlock block) in _blocks)
        {
            if (!block.Freed)
            {
                continue;
            }

            if (block.Aligned)
            {
                NativeMemory.AlignedFree((void*)address);
            }
            else
            {
                NativeMemory.Free((void*)address);
            }
        }

        _blocks.Clear();
    }
}
