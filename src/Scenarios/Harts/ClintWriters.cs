using Verify.Engine.Guest;

namespace Verify.Scenarios.Harts;

/// <summary>Harts change the time and their timers at once, while the CLINT brings MTIP up to date.</summary>
/// <remarks>Invariant: in the end MTIP is set if and only if mtime has reached mtimecmp, of every hart, and no half of a register is lost.</remarks>
public sealed class ClintWriters() : CaseScenario(
    ScenarioCase.Sound("update-vs-write", "time, comparison and MTIP are one step, under the lock", () => Run(UpdateBesideWrite)),
    ScenarioCase.Sound("halves", "a half is merged into the rest under the lock", () => Run(Halves)),
    ScenarioCase.Sound("skip-vs-write", "the timer that time skips to is looked for under the lock", () => Run(SkipBesideWrite)),
    ScenarioCase.Mutant(
        "compared-outside-lock", "the timer is set anew after it was compared and before MTIP is set", "MTIP of hart 0",
        () => Run(platform => Write(platform, UpdateUnlocked))))
{
    private const ulong Compare = 0x4000, Time = 0xbff8, Never = ulong.MaxValue;
    private const ulong Now = 100;

    public override string Name => "clint-writers";

    public override string Summary => "harts write mtime and mtimecmp while their timers are looked at";

    public override string Source => "QEMU riscv_aclint_mtimer_write_timecmp (hw/intc/riscv_aclint.c); docs/mutation.md";

    private static void Run(Action<Platform> body)
    {
        Platform platform = new();
        body(platform);
        for (int hart = 0; hart < platform.Harts.Length; hart++)
        {
            ulong time = Read(platform, Time), compare = Read(platform, Compare + (8 * (ulong)hart));
            bool isPending = (platform.Harts[hart].Pending & (1UL << InterruptBit.MachineTimer)) != 0;
            Check(isPending == (time >= compare), $"MTIP of hart {hart} is {(isPending ? "set" : "clear")}, at {time} with mtimecmp {compare}");
        }
    }

    private static void UpdateBesideWrite(Platform platform) => Write(platform, p => p.Clint.Update(0));

    // Hart 0's timer has fired. It is set anew while somebody looks at it.
    private static void Write(Platform platform, Action<Platform> update)
    {
        platform.Clint.TryWrite(Compare, 8, Now / 2);
        RunActors(
            ("hart0", () => update(platform)),
            ("hart1", () => platform.Clint.TryWrite(Compare, 8, 10 * Now)));
    }

    private static void UpdateUnlocked(Platform platform)
    {
        bool hasFired = platform.Clock.Now >= Read(platform, Compare);
        platform.Harts[0].SetPending(InterruptBit.MachineTimer, hasFired);
    }

    private static void Halves(Platform platform)
    {
        ulong seen = 0;
        platform.Clint.TryWrite(Compare, 8, 0);
        RunActors(
            ("hart0", () => WriteBoth(0, 1)),
            ("hart1", () => WriteBoth(4, 2)),
            ("hart2", () => seen = Read(platform, Compare)));
        const ulong Whole = (2UL << 32) | 1;
        Check(seen is 0 or 1 or (2UL << 32) or Whole, $"mtimecmp was read as 0x{seen:x}, which it never was");
        Check(Read(platform, Compare) == Whole, $"a half of mtimecmp is lost: it is 0x{Read(platform, Compare):x}");
        Check(Read(platform, Time) == Whole, $"a half of mtime is lost: it is 0x{Read(platform, Time):x}");

        void WriteBoth(ulong half, ulong value)
        {
            platform.Clint.TryWrite(Compare + half, 4, value);
            platform.Clint.TryWrite(Time + half, 4, value);
        }
    }

    private static void SkipBesideWrite(Platform platform)
    {
        foreach (Hart hart in platform.Harts)
        {
            hart.Write(CsrNumber.Mie, 1UL << InterruptBit.MachineTimer, 0);
        }

        platform.Clint.TryWrite(Compare, 8, 10 * Now);
        bool skipped = false;
        RunActors(
            ("idle", () => skipped = platform.Clint.SkipToNextTimer()),
            ("device", () => platform.Clint.TryWrite(Compare + 8, 8, 5 * Now)));
        Check(skipped, "there was a timer, and time did not skip to it");
        Check(Read(platform, Time) is 5 * Now or 10 * Now, $"time has skipped to {Read(platform, Time)}, where no timer was set");
    }

    private static ulong Read(Platform platform, ulong offset) =>
        platform.Clint.TryRead(offset, 8, out ulong value) ? value : throw new InvariantViolationException($"there is no register 0x{offset:x}");

    /// <summary>Two harts, a clock at <see cref="Now"/>, and no timer set.</summary>
    private sealed class Platform
    {
        internal Platform()
        {
            Harts = [new Hart(0, Clock), new Hart(1, Clock)];
            Clint = new Clint(Harts, Clock, static _ => { });
            Clock.Advance((long)Now * VirtualClock.InstructionsPerTick);
        }

        internal VirtualClock Clock { get; } = new(null);

        internal Hart[] Harts { get; }

        internal Clint Clint { get; }
    }
}
