namespace Verify.Engine.Guest;

/// <summary>Why a guest was stopped: it did something no hart of this machine can do.</summary>
/// <param name="Hart">Number of the hart, from 0.</param>
/// <param name="Pc">Of the faulting instruction, exactly.</param>
/// <param name="Instruction">The instruction word, or 0 if it could not be fetched.</param>
/// <param name="Reason">One line.</param>
public sealed record GuestFault(int Hart, ulong Pc, uint Instruction, string Reason)
{
    public override string ToString() => $"hart {Hart} stopped at pc 0x{Pc:x} (instruction 0x{Instruction:x8}): {Reason}";
}
