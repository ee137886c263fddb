namespace Verify.Engine.Guest;

/// <summary>A source of guest time outside the machine, for a host that wants guest timers to follow its own clock.</summary>
public interface ITickSource
{
    /// <summary>Ticks since some start; never goes back. Called by any vCPU.</summary>
    ulong Ticks { get; }
}

/// <summary>The guest's time: mtime, and the time CSR.</summary>
/// <remarks>
/// Without a <see cref="ITickSource"/> it is derived from the instructions all harts have retired, as QEMU's -icount does for one, so that a guest's
/// timers depend on nothing but the interleaving. A hart adds its instructions when it looks at the time, and at least once a quantum.
/// </remarks>
public sealed class VirtualClock(ITickSource? source)
{
    /// <summary>Instructions of one tick: 10 MHz at 80 million instructions a second.</summary>
    public const int InstructionsPerTick = 8;

    private long _instructions; // Interlocked
    private ulong _offset;      // Interlocked

    /// <summary>Time passes by itself, whether harts run or not.</summary>
    public bool IsFree => source != null;

    /// <summary>Ticks since the machine started, or since what the guest last wrote to mtime.</summary>
    public ulong Now
    {
        get
        {
            // Both belong together only if nobody has set the time in between: instructions from before and an offset from after that are no time at all.
            while (true)
            {
                ulong offset = Volatile.Read(ref _offset), now = Raw + offset;
                if (Volatile.Read(ref _offset) == offset)
                {
                    return now;
                }
            }
        }
    }

    private ulong Raw => source?.Ticks ?? (ulong)Volatile.Read(ref _instructions) / InstructionsPerTick;

    /// <summary>A hart has retired this many instructions more.</summary>
    public void Advance(long instructions)
    {
        if (source == null && instructions > 0)
        {
            Interlocked.Add(ref _instructions, instructions);
        }
    }

    /// <summary>The guest sets the time.</summary>
    public void Set(ulong ticks) => Volatile.Write(ref _offset, ticks - Raw);

    /// <summary>What <see cref="Load"/> restores. No vCPU runs.</summary>
    public void Save(BinaryWriter to)
    {
        to.Write(Now);
        to.Write(Volatile.Read(ref _instructions));
    }

    /// <summary>Goes on from the time that was saved. Before any vCPU runs.</summary>
    public void Load(BinaryReader from)
    {
        ulong now = from.ReadUInt64();
        Volatile.Write(ref _instructions, from.ReadInt64());
        Set(now);
    }

    /// <summary>No hart has anything to do before <paramref name="ticks"/>: it becomes that time. Not if time passes by itself.</summary>
    public void SkipTo(ulong ticks)
    {
        ulong now = Now;
        if (source == null && ticks > now)
        {
            Interlocked.Add(ref _instructions, (long)Math.Min((ticks - now) * InstructionsPerTick, long.MaxValue / 4));
        }
    }
}
