using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Harts;

/// <summary>A hart adds 1 to a word by LR and SC, until SC succeeds, while another stores 100 there and then adds 1 too.</summary>
/// <remarks>Invariant: no addition after the store is lost, and neither is the store.</remarks>
public sealed class LrScVersusStore() : HartScenario(
    ScenarioCase.Sound("word", "SC stores by compare-exchange with the value that LR saw", () => Run(Adding(HartCode.Word), HartCode.Word)),
    ScenarioCase.Sound("doubleword", "SC stores by compare-exchange with the value that LR saw", () => Run(Adding(HartCode.Doubleword), HartCode.Doubleword)),
    ScenarioCase.Mutant("load-and-store", "the other hart stores between the load and the store", Lost, () => Run(s_addingInTwoSteps, HartCode.Word)),
    ScenarioCase.Refuted(
        "changed-and-back", "SC compares the value, as QEMU's does, and not whether anybody stored: it is blind to ABA", "SC succeeded", RunChangedAndBack))
{
    private const string Lost = "is lost";
    private const ulong Stored = 100;

    private static readonly uint[] s_addingInTwoSteps =
        [HartCode.Load(HartCode.Word, T0, AtX), HartCode.Add(T1, T0, One), HartCode.Store(HartCode.Word, T1, AtX)];

    public override string Name => "lr-sc-vs-store";

    public override string Summary => "a hart adds by LR and SC to a word that another hart stores to";

    public override string Source => "QEMU trans_rvzalrsc (target/riscv/insn_trans/trans_rva.c.inc, gen_sc); docs/mutation.md";

    private static uint[] Adding(int width) =>
    [
        HartCode.LoadReserved(width, T0, AtX), HartCode.Add(T1, T0, One), HartCode.StoreConditional(width, T2, T1, AtX),
        HartCode.BranchIfNotEqual(T2, 0, -12),
    ];

    private static void Run(uint[] adding, int width)
    {
        using Machine machine = Make<OrderedMemory>(adding, [HartCode.Store(width, T4, AtX), .. Adding(width)]);
        machine.Cpus[1].X[T4] = Stored;
        RunHarts(machine);
        ulong first = machine.Cpus[0].X[T0], last = Doubleword(machine, X);
        ulong wanted = first >= Stored || machine.Cpus[1].X[T0] > Stored ? Stored + 2 : Stored + 1;
        Check(last == wanted, $"a store or an addition {Lost}: the word is {last} instead of {wanted}; hart 0 has added to {first}");
    }

    private static void RunChangedAndBack()
    {
        using Machine machine = Make<OrderedMemory>(
            [
                .. Warm, HartCode.LoadReserved(HartCode.Word, T0, AtX), HartCode.Load(HartCode.Word, T1, AtY), HartCode.Load(HartCode.Word, T2, AtY),
                HartCode.StoreConditional(HartCode.Word, T3, One, AtX),
            ],
            [
                HartCode.Store(HartCode.Word, One, AtX), HartCode.Store(HartCode.Word, One, AtY), HartCode.Store(HartCode.Word, 0, AtX),
                GuestCode.AddImmediate(T0, 0, 2), HartCode.Store(HartCode.Word, T0, AtY),
            ]);
        RunHarts(machine);
        ulong[] x = machine.Cpus[0].X;
        bool hasChanged = x[T0] == 0 && x[T1] == 0 && x[T2] == 2; // the reservation was made before the first store, and both have been done since
        Check(!hasChanged || x[T3] != 0, "SC succeeded although the word was stored to twice after LR");
    }
}
