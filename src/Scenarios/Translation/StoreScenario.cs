using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Translation;

/// <summary>A scenario about stores into code, with the invariant of races.md TB13 for when no store is in flight.</summary>
public abstract class StoreScenario(params TbCase[] cases) : TbScenario(cases)
{
    /// <summary>Every valid block was made from the bytes that are in memory now.</summary>
    /// <exception cref="InvariantViolationException">One is stale.</exception>
    protected static void CheckFresh(Machine machine)
    {
        foreach (TranslationBlock tb in machine.Tb.Arena.Live().Where(tb => !tb.Invalid))
        {
            foreach (Op op in tb.Code.Ops.Where(op => op.Code != Opcode.Continue))
            {
                ulong address = tb.Pc + (2 * (ulong)op.Offset);
                Op now = Decoder.Decode(BitConverter.ToUInt32(machine.Ram.Slice(address, 4)));
                Check(now.Code == op.Code && now.Imm == op.Imm, $"{tb} is stale: at 0x{address:x} it has {op.Code} {op.Imm}, memory has {now.Code} {now.Imm}");
            }
        }
    }
}
