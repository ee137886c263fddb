namespace Verify.Engine.Guest;

/// <summary>The core-local interruptor: software interrupts between harts, mtime and each hart's mtimecmp.</summary>
/// <remarks>
/// After the SiFive FU540-C000 manual, chapter "Core-Local Interruptor": msip at 0 + 4 * hart, mtimecmp at 0x4000 + 8 * hart, mtime at 0xbff8; all may
/// be accessed in halves. MTIP follows mtime &gt;= mtimecmp whenever the hart, or anybody for it, calls <see cref="Update"/>.
/// </remarks>
/// <param name="kick">Makes a vCPU look at its interrupts.</param>
public sealed class Clint(IReadOnlyList<Hart> harts, VirtualClock clock, Action<int> kick) : IDevice, IMigratableDevice
{
    public const ulong Address = 0x0200_0000;
    public const ulong Length = 0x1_0000;

    private const ulong Compare = 0x4000, Time = 0xbff8;
    private const int None = -1, All = -2;

    private readonly object _lock = new();
    private readonly ulong[] _compare = Enumerable.Repeat(ulong.MaxValue, harts.Count).ToArray(); // under _lock

    public bool TryRead(ulong offset, int size, out ulong value)
    {
        value = 0;
        if (size < 4)
        {
            return false;
        }

        lock (_lock)
        {
            if (offset < Compare)
            {
                int hart = (int)(offset / 4);
                bool exists = size == 4 && hart < harts.Count;
                value = exists ? (harts[hart].Pending >> InterruptBit.MachineSoftware) & 1 : 0;
                return exists;
            }

            int timer = (int)((offset - Compare) / 8);
            if (offset - Time >= 8 && timer >= harts.Count)
            {
                return false;
            }

            ulong whole = offset - Time < 8 ? clock.Now : _compare[timer];
            value = size == 8 ? whole : (uint)(whole >> (8 * (int)(offset & 4)));
            return true;
        }
    }

    public bool TryWrite(ulong offset, int size, ulong value)
    {
        int changed = size < 4 ? None : Write(offset, size, value);
        Kick(changed);
        return changed != None;
    }

    /// <summary>Brings the hart's MTIP up to date.</summary>
    /// <returns>Ticks until its timer fires; <see cref="ulong.MaxValue"/> if it has fired, or is not set.</returns>
    public ulong Update(int hart)
    {
        lock (_lock)
        {
            return UpdateLocked(hart);
        }
    }

    /// <summary>No hart has anything to do: time goes on to the first timer some hart waits for, and fires it.</summary>
    /// <returns>False if there is none.</returns>
    public bool SkipToNextTimer()
    {
        lock (_lock)
        {
            ulong next = ulong.MaxValue;
            for (int hart = 0; hart < harts.Count; hart++)
            {
                if ((harts[hart].Mie & (1UL << InterruptBit.MachineTimer)) != 0 && UpdateLocked(hart) != ulong.MaxValue)
                {
                    next = Math.Min(next, _compare[hart]);
                }
            }

            if (next == ulong.MaxValue)
            {
                return false;
            }

            clock.SkipTo(next);
            UpdateAllLocked();
        }

        Kick(All);
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>mtime is the clock's, and msip and mtip are the harts'.</remarks>
    public void Save(BinaryWriter to)
    {
        lock (_lock)
        {
            foreach (ulong compare in _compare)
            {
                to.Write(compare);
            }
        }
    }

    public void Load(BinaryReader from)
    {
        lock (_lock)
        {
            for (int hart = 0; hart < harts.Count; hart++)
            {
                _compare[hart] = from.ReadUInt64();
            }
        }
    }

    /// <returns>The hart concerned, <see cref="All"/>, or <see cref="None"/> if there is no such register.</returns>
    private int Write(ulong offset, int size, ulong value)
    {
        lock (_lock)
        {
            int hart = (int)(offset / 4), timer = (int)((offset - Compare) / 8);
            if (offset < Compare)
            {
                if (size != 4 || hart >= harts.Count)
                {
                    return None;
                }

                harts[hart].SetPending(InterruptBit.MachineSoftware, (value & 1) != 0);
                return hart;
            }

            if (offset - Time < 8)
            {
                clock.Set(Merge(clock.Now, offset, size, value));
                UpdateAllLocked();
                return All;
            }

            if (timer >= harts.Count)
            {
                return None;
            }

            _compare[timer] = Merge(_compare[timer], offset, size, value);
            UpdateLocked(timer);
            return timer; // it also plans anew when to look next
        }
    }

    // Not under _lock: the one who kicks may have to wake a sleeping vCPU, whose lock is taken before this one's.
    private void Kick(int changed)
    {
        for (int hart = 0; hart < harts.Count; hart++)
        {
            if (changed == hart || changed == All)
            {
                kick(hart);
            }
        }
    }

    private void UpdateAllLocked()
    {
        for (int hart = 0; hart < harts.Count; hart++)
        {
            UpdateLocked(hart);
        }
    }

    private ulong UpdateLocked(int hart)
    {
        ulong now = clock.Now;
        bool hasFired = now >= _compare[hart];
        harts[hart].SetPending(InterruptBit.MachineTimer, hasFired);
        return hasFired || _compare[hart] == ulong.MaxValue ? ulong.MaxValue : _compare[hart] - now;
    }

    private static ulong Merge(ulong old, ulong offset, int size, ulong value) =>
        size == 8 ? value :
        (offset & 4) == 0 ? (old & 0xffff_ffff_0000_0000) | (uint)value :
        (old & uint.MaxValue) | (value << 32);
}
