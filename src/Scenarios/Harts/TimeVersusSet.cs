using Verify.Engine.Guest;
using Verify.Scenarios.Mutants.Harts;

namespace Verify.Scenarios.Harts;

/// <summary>A hart reads the time while another one sets it back to 0, and instructions pass.</summary>
/// <remarks>Invariant: what is read is a time that it was before or after it was set, and no instruction that passed is missing in the end.</remarks>
public sealed class TimeVersusSet() : CaseScenario(
    ScenarioCase.Sound("offset-read-twice", "what was set is read again after the instructions, and both again if it has changed", () =>
    {
        VirtualClock clock = new(null);
        Run(clock.Advance, clock.Set, () => clock.Now);
    }
    ),
    ScenarioCase.Mutant(
        "offset-read-last", "the instructions from before the time was set are added to an offset from after", "a time that it never was", () =>
        {
            OffsetReadLast clock = new();
            Run(clock.Advance, clock.Set, () => clock.Now);
        }
    ))
{
    private const long Ticks = 100;

    public override string Name => "time-vs-set";

    public override string Summary => "a hart reads the time while another one sets it and instructions pass";

    public override string Source => "QEMU cpu_get_icount and its seqlock (accel/tcg/icount-common.c); docs/findings.md";

    private static void Run(Action<long> advance, Action<ulong> set, Func<ulong> now)
    {
        const long Instructions = Ticks * VirtualClock.InstructionsPerTick;
        ulong read = 0;
        advance(Instructions);
        RunActors(
            ("hart0", () => read = now()),
            ("hart1", () =>
            {
                advance(Instructions);
                set(0);
            }
        ),
            ("hart2", () => advance(Instructions)));
        Check(read <= 3 * Ticks, $"the time was read as {(long)read}, a time that it never was");
        Check(now() is 0 or Ticks, $"the time is {(long)now()} in the end: instructions of a hart are missing in it");
    }
}
