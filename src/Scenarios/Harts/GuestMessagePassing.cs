using Verify.Engine.Execution;
using Verify.Engine.Guest;

namespace Verify.Scenarios.Harts;

/// <summary>Message passing between two harts: one stores data and then a flag, the other loads the flag and then the data (RVWMO litmus test MP).</summary>
/// <remarks>
/// Invariant: who finds the flag finds all of the data. Plain accesses are those of bytes: wider ones are calls of the framework, which the checker
/// does not take apart.
/// </remarks>
public sealed class GuestMessagePassing() : HartScenario(
    ScenarioCase.Sound("bytes", "a fence between the stores and one between the loads", () => Run<OrderedMemory>(HartCode.Byte)),
    ScenarioCase.Sound("halfwords", "a fence between the stores and one between the loads", () => Run<OrderedMemory>(HartCode.Halfword)),
    ScenarioCase.Sound("words", "a fence between the stores and one between the loads", () => Run<OrderedMemory>(HartCode.Word)),
    ScenarioCase.Sound("doublewords", "a fence between the stores and one between the loads", () => Run<OrderedMemory>(HartCode.Doubleword)),
    ScenarioCase.Sound("misaligned", "the fences order the bytes of a misaligned access too", () => Run<OrderedMemory>(HartCode.Doubleword, offset: 1)),
    ScenarioCase.Sound("plain", "a fence between the stores and one between the loads", () => Run<PlainMemory>(HartCode.Byte)),
    ScenarioCase.Mutant(
        "plain-without-fences", "the stores become visible, or the loads are done, in the other order", Stale,
        () => Run<PlainMemory>(HartCode.Byte, fenced: false), MemoryModelName.DotNet),
    ScenarioCase.Mutant("flag-first", "the flag is stored before the data", Stale, () => Run<OrderedMemory>(HartCode.Word, flagFirst: true)))
{
    private const string Stale = "found the flag and old data";
    private const ulong Message = 0x7172737475767778;

    public override string Name => "guest-message-passing";

    public override string Summary => "a hart stores data and a flag, another loads the flag and the data";

    public override string Source => "RVWMO (The RISC-V Instruction Set Manual, Volume I, appendix A), litmus test MP; docs/mutation.md";

    private static void Run<TMemory>(int width, int offset = 0, bool fenced = true, bool flagFirst = false)
        where TMemory : struct, IGuestMemory
    {
        uint data = HartCode.Store(width, T4, AtX, offset), flag = HartCode.Store(width, T4, AtY);
        uint[] fence = fenced ? [HartCode.Fence] : [];
        using Machine machine = Make<TMemory>(
            flagFirst ? [.. Warm, flag, .. fence, data] : [.. Warm, data, .. fence, flag],
            [.. Warm, HartCode.Load(width, T0, AtY), .. fence, HartCode.Load(width, T1, AtX, offset)]);
        machine.Cpus[0].X[T4] = Message;
        RunHarts(machine);
        int unused = 64 - (8 << width);
        (ulong found, ulong read) = (machine.Cpus[1].X[T0], machine.Cpus[1].X[T1]);
        Check(found == 0 || read << unused == Message << unused, $"the hart {Stale}: 0x{read:x}");
    }
}
