using Verify.Engine.Guest;

namespace Verify.Scenarios.Mutants.Harts;

/// <summary>The clock as it was: its two words are read one after the other, and nobody looks whether they belong together.</summary>
internal sealed class OffsetReadLast
{
    private long _instructions; // Interlocked
    private ulong _offset;      // Volatile

    internal ulong Now => Raw + Volatile.Read(ref _offset);

    private ulong Raw => (ulong)Volatile.Read(ref _instructions) / VirtualClock.InstructionsPerTick;

    internal void Advance(long instructions) => Interlocked.Add(ref _instructions, instructions);

    internal void Set(ulong ticks) => Volatile.Write(ref _offset, ticks - Raw);
}
