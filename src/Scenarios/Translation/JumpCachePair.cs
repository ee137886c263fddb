using Verify.Engine.Execution;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Lookup;

namespace Verify.Scenarios.Translation;

/// <summary>A vCPU puts a block into its jump cache while a monitor lists the cache and a third thread invalidates the block.</summary>
/// <remarks>
/// Invariant: whoever finds code in the cache finds it under its own pc. The engine's entry is one reference to an immutable pair, so pc and code
/// cannot disagree; QEMU's are two words, for which the order decides (<see cref="PcBesideCode"/>). No variant lacks only the release or the acquire:
/// the code is a reference, and the modelled .NET memory orders what is read after obtaining one, so it would show nothing.
/// </remarks>
public sealed class JumpCachePair() : TbScenario(
    TbCase.Mutant(PcNotWritten.Entry, "under pc"),
    TbCase.Mutant(CodeBeforePc.Entry, "under pc"),
    TbCase.Sound(PcBesideCode.Entry, PcBesideCode.Entry.Name, "the pc is written before the code, with release, and read after it, with acquire"),
    TbCase.Sound("per-cpu-flag", "an entry is one reference"),
    TbCase.Sound("exclusive-flush", "an entry is one reference"))
{
    public override string Name => "jump-cache-pair";

    public override string Summary => "a vCPU fills an entry of its jump cache while others read and clear it";

    public override string Source => "races.md TB11, scenario 15";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = Make(design);
        VCpu v1 = machine.Cpus[1];
        TranslationBlock block = Block(machine, 0);
        RunActors(
            ("vcpu1", () =>
            {
                machine.CpuExecStart(v1);
                FindOwn(machine, v1, 0);
                Outside(machine, v1);
            }
        ),
            ("monitor", () =>
            {
                if (machine.JumpCacheEntry(v1, Pc(0)) is var (pc, code))
                {
                    Check(code.Pc == pc, $"the jump cache holds code of pc 0x{code.Pc:x} under pc 0x{pc:x}");
                }
            }
        ),
            ("invalidator", () => machine.TbPhysInvalidate(block)));

        // Alone now: two blocks that use the same entry.
        machine.CpuExecStart(v1);
        foreach (int next in new[] { 0, 2, 0, 2 })
        {
            FindOwn(machine, v1, next);
        }

        Outside(machine, v1);
    }

    private static void FindOwn(Machine machine, VCpu cpu, int block)
    {
        TbCode? code = Turn(machine, cpu, block);
        Check(code == null || code.Pc == Pc(block), $"the vCPU found code of pc 0x{code?.Pc:x} under pc 0x{Pc(block):x}");
    }
}
