using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Translation;

/// <summary>A scenario about stores into code, with the invariant of races.md TB13 for when no store is in flight.</summary>
public abstract class StoreScenario(params TbCase[] cases) : TbScenario(cases)
{
    // vCPU 1 stores into the second page and ends; the second page begins with a jump, which vCPU 0 translates.
    private static GuestImage TwoPages { get; } = GuestCode.Image(
    [
        GuestCode.StoreWord(GuestCode.A1, GuestCode.A2), GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall,
        .. new uint[BlockOfSecondPage - 3],
        GuestCode.Jump(4),
    ]);

    /// <summary>The first block of the second page.</summary>
    protected const int BlockOfSecondPage = GuestRam.PageSize / 4;

    /// <summary>vCPU 0 turns to the block of the second page while vCPU 1 overwrites that with another jump; then the invariant is checked.</summary>
    /// <param name="isTranslatedBefore">The block is there when both begin.</param>
    protected static void TurnWhileStored(InvalidationEntry design, bool isTranslatedBefore) =>
        TurnWhileStored(design, TwoPages, BlockOfSecondPage, isTranslatedBefore);

    /// <inheritdoc cref="TurnWhileStored(InvalidationEntry, bool)"/>
    /// <param name="guest">What vCPU 1 runs, with a jump in a1 and the second page in a2, and what vCPU 0 translates.</param>
    /// <param name="block">The block vCPU 0 turns to.</param>
    /// <param name="blocksSpanPages">See <see cref="MachineOptions.BlocksSpanPages"/>.</param>
    protected static void TurnWhileStored(
        InvalidationEntry design, GuestImage guest, int block, bool isTranslatedBefore = false, bool blocksSpanPages = false)
    {
        using Machine machine = design.Create<OrderedMemory, GenerationAudit>(
            guest, Small with { RamSize = 2 * GuestRam.PageSize, BlocksSpanPages = blocksSpanPages });
        (VCpu v0, VCpu v1) = (machine.Cpus[0], machine.Cpus[1]);
        if (isTranslatedBefore)
        {
            Block(machine, block);
        }

        (v1.X[GuestCode.A1], v1.X[GuestCode.A2]) = (GuestCode.Jump(8), GuestCode.Start + GuestRam.PageSize);
        RunActors(
            ("vcpu0", () =>
            {
                machine.CpuExecStart(v0);
                Turn(machine, v0, block);
                Outside(machine, v0);
            }
        ),
            ("vcpu1", () => machine.CpuExec(1)));
        CheckFresh(machine);
    }

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
