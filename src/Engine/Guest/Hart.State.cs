namespace Verify.Engine.Guest;

/// <summary>All of a hart's registers, written down and read back: mode, CSRs, pending interrupts, counters, protection.</summary>
public sealed partial class Hart
{
    /// <summary>Writes what <see cref="Load"/> reads. The hart does not run.</summary>
    public void Save(BinaryWriter to)
    {
        to.Write((int)Privilege);
        foreach (ulong register in (ReadOnlySpan<ulong>)
        [
            Mstatus, Medeleg, Mideleg, Mie, Mtvec, Mscratch, Mcause, Mtval, _mepc, Stvec, Sscratch, Scause, Stval, Satp, _sepc,
            _mcounteren, _scounteren, _menvcfg, _senvcfg, _mcountinhibit, _cycleOffset, _instretOffset, Pending,
        ])
        {
            to.Write(register);
        }

        Protection.Save(to);
    }

    /// <summary>Takes over the state of another hart. This one does not run.</summary>
    public void Load(BinaryReader from)
    {
        Privilege = (Privilege)from.ReadInt32();
        (Mstatus, Medeleg, Mideleg, Mie) = (from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64());
        (Mtvec, Mscratch, Mcause, Mtval, _mepc) =
            (from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64());
        (Stvec, Sscratch, Scause, Stval, Satp, _sepc) =
            (from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64());
        (_mcounteren, _scounteren, _menvcfg, _senvcfg, _mcountinhibit, _cycleOffset, _instretOffset) =
            (from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64(), from.ReadUInt64());
        Volatile.Write(ref _pending, from.ReadUInt64());
        Protection.Load(from);
    }
}
