using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Harts;

/// <summary>Two harts change the same words by the A extension's read-modify-write instructions.</summary>
/// <remarks>Invariant: nothing that either did is lost. Found missing by <c>verify mutate</c>: the guests of other scenarios have no atomics.</remarks>
public sealed class AmoLostUpdate() : HartScenario(
    ScenarioCase.Sound("word", "each is one atomic operation of the host", () => Run(HartCode.Word)),
    ScenarioCase.Sound("doubleword", "each is one atomic operation of the host", () => Run(HartCode.Doubleword)),
    ScenarioCase.Mutant(
        "load-and-store", "the other hart adds between the load and the store", Lost, () => Run(HartCode.Word, addsInTwoSteps: true)))
{
    private const string Lost = "is lost";
    private const int Distance = 16;

    // A word each, one after the other.
    private static readonly AmoFunction[] s_functions =
        [AmoFunction.Add, AmoFunction.Or, AmoFunction.And, AmoFunction.Xor, AmoFunction.Swap, AmoFunction.Maxu];

    // By hart; and what the words hold first, and must hold in the end: 0 is judged otherwise.
    private static readonly ulong[][] s_operands = [[1, 1, 0xe, 1, 1, 3], [16, 2, 0xd, 2, 2, 5]];
    private static readonly ulong[] s_first = [0, 0, 0xf, 0, 0, 1], s_last = [17, 3, 0xc, 3, 0, 5];

    public override string Name => "amo-lost-update";

    public override string Summary => "two harts do atomic additions, exchanges and so on of the same words";

    public override string Source => "QEMU cpu_atomic_fetch_add and the like (accel/tcg/atomic_template.h); docs/mutation.md";

    private static void Run(int width, bool addsInTwoSteps = false)
    {
        const int Operand = 18, Result = 24; // a register for each function, from here on
        List<uint> program = [];
        for (int i = 0; i < s_functions.Length; i++)
        {
            program.AddRange(
                addsInTwoSteps && s_functions[i] == AmoFunction.Add
                    ? [HartCode.Load(width, T0, AtX), HartCode.Add(T0, T0, Operand + i), HartCode.Store(width, T0, AtX)]
                    : [HartCode.Amo(s_functions[i], width, Result + i, Operand + i, AtX)]);
            program.Add(GuestCode.AddImmediate(AtX, AtX, Distance));
        }

        using Machine machine = Make<OrderedMemory>(program, program);
        for (int i = 0; i < s_functions.Length; i++)
        {
            BitConverter.TryWriteBytes(machine.Ram.Slice(X + (Distance * (ulong)i), 8), s_first[i]);
        }

        foreach (VCpu cpu in machine.Cpus)
        {
            s_operands[cpu.Index].CopyTo(cpu.X, Operand);
        }

        RunHarts(machine);
        for (int i = 0; i < s_functions.Length; i++)
        {
            ulong last = Doubleword(machine, X + (Distance * (ulong)i));
            ulong[] seen = [.. machine.Cpus.Select(cpu => cpu.X[Result + i]).Append(last).Order()];
            Check(
                s_functions[i] == AmoFunction.Swap ? seen is [0, 1, 2] : last == s_last[i],
                $"what a hart did by {s_functions[i]} {Lost}: the word is {last}, and the harts found {machine.Cpus[0].X[Result + i]} and {machine.Cpus[1].X[Result + i]}");
        }
    }
}
