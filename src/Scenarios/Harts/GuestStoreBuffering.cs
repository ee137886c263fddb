using Verify.Engine.Execution;
using Verify.Engine.Guest;

namespace Verify.Scenarios.Harts;

/// <summary>Store buffering between two harts: each stores to one word and then loads the other's (RVWMO litmus test SB+fence.rw.rws).</summary>
/// <remarks>
/// Invariant: at least one of them finds what the other has stored. A guest's mutual exclusion without atomics depends on it. Plain accesses are those
/// of bytes: wider ones are calls of the framework, which the checker does not take apart.
/// </remarks>
public sealed class GuestStoreBuffering() : HartScenario(
    ScenarioCase.Sound("fence-ordered", "fence rw, rw is a full barrier of the host", () => Run<OrderedMemory>(HartCode.Word, HartCode.Fence, s_load)),
    ScenarioCase.Sound("fence-plain", "fence rw, rw is a full barrier of the host", () => Run<PlainMemory>(HartCode.Byte, HartCode.Fence, s_loadByte)),
    ScenarioCase.Sound("lr-word", "LR.aqrl comes after all that precedes it", () => Run<OrderedMemory>(HartCode.Word, HartCode.LoadReserved(HartCode.Word, T0, AtY))),
    ScenarioCase.Sound(
        "lr-doubleword", "LR.aqrl comes after all that precedes it", () => Run<OrderedMemory>(HartCode.Word, HartCode.LoadReserved(HartCode.Doubleword, T0, AtY))),
    ScenarioCase.Sound(
        "amo", "an atomic operation of the host is a full barrier too",
        () => Run<OrderedMemory>(HartCode.Word, HartCode.Amo(AmoFunction.Add, HartCode.Word, 0, One, AtOwn), s_load)),
    ScenarioCase.Mutant(
        "no-fence-ordered", "each load overtakes the store before it", Neither, () => Run<OrderedMemory>(HartCode.Word, s_load), MemoryModelName.Tso),
    ScenarioCase.Mutant(
        "no-fence-plain", "each load overtakes the store before it", Neither, () => Run<PlainMemory>(HartCode.Byte, s_loadByte), MemoryModelName.Tso))
{
    private const string Neither = "neither hart found the other's store";

    private static readonly uint s_load = HartCode.Load(HartCode.Word, T0, AtY), s_loadByte = HartCode.Load(HartCode.Byte, T0, AtY);

    public override string Name => "guest-store-buffering";

    public override string Summary => "two harts each store to one word and load the other's";

    public override string Source => "RVWMO (The RISC-V Instruction Set Manual, Volume I, appendix A), litmus test SB; docs/mutation.md";

    private static void Run<TMemory>(int width, params uint[] after)
        where TMemory : struct, IGuestMemory
    {
        uint[] program = [.. Warm, HartCode.Store(width, One, AtX), .. after];
        using Machine machine = Make<TMemory>(program, program);
        (machine.Cpus[1].X[AtX], machine.Cpus[1].X[AtY]) = (Y, X);
        RunHarts(machine);
        Check(machine.Cpus.Any(cpu => cpu.X[T0] != 0), Neither);
    }
}
