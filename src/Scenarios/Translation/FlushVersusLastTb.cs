using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Mutants;

namespace Verify.Scenarios.Translation;

/// <summary>One vCPU flushes while another one still holds the last block it ran, and wants to chain it to the next.</summary>
/// <remarks>
/// The guest is guests/src/flush.S: nine blocks for an arena of <see cref="Capacity"/> slots, so both vCPUs flush as they generate. Invariant:
/// the patched origin is the incarnation that ran (<see cref="GenerationAudit"/>), and both harts exit with the right number. The harts share no
/// guest data, so the only thing that can change their results is code.
/// </remarks>
public sealed class FlushVersusLastTb : Scenario, IStrategyScenario
{
    public const int Capacity = 4;

    private const string Outcome = "patches a recycled block";

    private static readonly long[] s_expected = [13, 113];

    private readonly GuestImage _guest = GuestResource.Read("flush.elf");

    private static readonly (ScenarioVariant Variant, InvalidationEntry Strategy)[] s_cases =
    [
        Catalogued("global-flag", ExpectedVerdict.Racy, "a slow lookup of one vCPU resets the flag the other one needs (TB01)"),
        Catalogued("per-cpu-flag", ExpectedVerdict.Clean, "every vCPU has its own flag, set and consumed under TbLock"),
        Catalogued("flush-counter", ExpectedVerdict.Clean, "the count is captured before the chain runs and compared under TbLock"),
        Catalogued("valid-marker", ExpectedVerdict.Clean, "no slot is handed out again while its mark is needed"),
        Catalogued("exclusive-flush", ExpectedVerdict.Clean, "no vCPU is inside its loop while the slots are taken back"),
        Mutant(CapturedLateInvalidation.Entry),
        Mutant(MarkerWithRecycledStorage.Entry),
    ];

    public override string Name => "flush-vs-last-tb";

    public override string Summary => "a vCPU chains the block it ran last while another one flushes the translation cache";

    public override string Source => "races.md TB01, TB03, TB04, scenario 1";

    public override IReadOnlyList<ScenarioVariant> Variants { get; } = s_cases.Select(c => c.Variant).ToArray();

    /// <summary>A new machine for the variant, for one run.</summary>
    /// <exception cref="UnknownVariantException">No variant has this name.</exception>
    public Machine CreateMachine<TMemory, TAudit>(string variant, TAudit audit = default)
        where TMemory : struct, IGuestMemory
        where TAudit : struct, IAudit
    {
        ScenarioVariant wanted = Find(variant);
        InvalidationEntry strategy = s_cases.First(c => c.Variant == wanted).Strategy;
        return strategy.Create<TMemory, TAudit>(_guest, Options, audit);
    }

    private static MachineOptions Options { get; } = new() { Cpus = 2, RamSize = GuestRam.PageSize, TbCapacity = Capacity, JumpCacheBits = 1 };

    /// <inheritdoc/>
    public bool AppliesTo(InvalidationEntry design) => true;

    /// <inheritdoc/>
    public ScenarioVariant VariantOf(InvalidationEntry design) =>
        new(design.Name, ExpectedVerdict.Clean, design.UnsoundBecause ?? "the strategy says that it is sound");

    protected override void Run(ScenarioVariant variant) => Run(s_cases.First(c => c.Variant == variant).Strategy);

    /// <inheritdoc/>
    public void Run(InvalidationEntry design)
    {
        // Nobody stores into the guest's memory, which is code and nothing else: loads from it need no order.
        using Machine machine = design.Create<PlainMemory, GenerationAudit>(_guest, Options);
        RunActors(("vcpu0", () => machine.CpuExec(0)), ("vcpu1", () => machine.CpuExec(1)));
        Check(machine);
    }

    /// <summary>The part of the invariant that can be seen when all has ended.</summary>
    /// <exception cref="InvariantViolationException">A hart did not exit with its number.</exception>
    public static void Check(Machine machine)
    {
        if (machine.Fault is { } fault)
        {
            throw new InvariantViolationException($"the guest faulted: {fault}");
        }

        for (int hart = 0; hart < s_expected.Length; hart++)
        {
            long? found = machine.Cpus[hart].ExitCode;
            if (found != s_expected[hart])
            {
                throw new InvariantViolationException(
                    $"hart {hart} exited with {found?.ToString() ?? "nothing"} instead of {s_expected[hart]}: it ran wrong code");
            }
        }
    }

    private static (ScenarioVariant Variant, InvalidationEntry Strategy) Catalogued(string name, ExpectedVerdict expected, string reason) =>
        (new ScenarioVariant(name, expected, reason, Outcome: expected == ExpectedVerdict.Racy ? Outcome : null), InvalidationCatalog.Find(name));

    private static (ScenarioVariant Variant, InvalidationEntry Strategy) Mutant(InvalidationEntry entry) =>
        (new ScenarioVariant(entry.Name, ExpectedVerdict.Racy, entry.UnsoundBecause!, IsMutant: true, Outcome: Outcome), entry);
}
