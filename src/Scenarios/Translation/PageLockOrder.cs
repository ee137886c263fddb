using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Translation;

/// <summary>A translator holds a page and needs a lower one; an invalidator takes a range that contains both, in ascending order.</summary>
/// <remarks>Invariants: no deadlock, and what was read under locks that had to be given up is read again.</remarks>
public sealed class PageLockOrder : Scenario
{
    private const int Low = 3, High = 5;

    private static readonly (ScenarioVariant Variant, Func<PageLocks, bool> LockLow)[] s_cases =
    [
        (new("try-then-relock", ExpectedVerdict.Clean, "a lower page is only tried; else all are released, taken in order, and the bytes read again"),
            held => held.AddOrRelock(Low)),
        (new("blocking-second-lock", ExpectedVerdict.Racy, "each waits for the page the other one holds (TB20)", IsMutant: true, Outcome: "waits for"),
            held =>
            {
                held.Enter(Low); // the wrong line: TryAdd
                return true;
            }),
        (new("no-restart-after-drop", ExpectedVerdict.Racy, "the bytes read before the locks were dropped are used (TB20)", IsMutant: true,
            Outcome: "had changed"),
            held =>
            {
                held.AddOrRelock(Low);
                return true; // the wrong line: what AddOrRelock returned
            }),
    ];

    public override string Name => "page-lock-order";

    public override string Summary => "a translator needs a second, lower page while an invalidator takes a range of pages";

    public override string Source => "races.md TB20, scenario 21";

    public override IReadOnlyList<ScenarioVariant> Variants { get; } = s_cases.Select(c => c.Variant).ToArray();

    protected override void Run(ScenarioVariant variant)
    {
        Func<PageLocks, bool> lockLow = s_cases.First(c => c.Variant == variant).LockLow;
        using GuestRam ram = new(GuestCode.Start, 8 * GuestRam.PageSize);
        PageTable pages = new(ram);
        int bytes = 0; // of the high page; under its lock
        RunActors(
            ("translator", () =>
            {
                using PageLocks held = PageLocks.Take(pages, High);
                int read;
                do
                {
                    read = bytes;
                }
                while (!lockLow(held));

                if (bytes != read)
                {
                    throw new InvariantViolationException($"a block was made from bytes that had changed: version {read}, now {bytes}");
                }
            }
        ),
            ("invalidator", () =>
            {
                using PageLocks held = PageLocks.TakeBlocksIn(pages, Low, High);
                bytes++;
            }
        ));
    }
}
