using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Translation;

/// <summary>A variant of a scenario over the translation cache, and the strategy and protocol it runs.</summary>
public sealed record TbCase(ScenarioVariant Variant, InvalidationEntry Design)
{
    /// <summary>A strategy of the catalogue, or one of its combinations, that keeps the invariant.</summary>
    public static TbCase Sound(string name, string reason) => Sound(InvalidationCatalog.Find(name), name.Replace('/', '-'), reason);

    /// <inheritdoc cref="Sound(string, string)"/>
    public static TbCase Sound(InvalidationEntry design, string name, string reason) =>
        new(new ScenarioVariant(name, ExpectedVerdict.Clean, reason), design);

    /// <summary>A strategy of the catalogue, or one of its combinations, that does not keep the invariant: history has refuted it.</summary>
    /// <param name="outcome">What the failure's message must contain.</param>
    public static TbCase Refuted(string name, string reason, string outcome) =>
        new(new ScenarioVariant(name.Replace('/', '-'), ExpectedVerdict.Racy, reason, Outcome: outcome), InvalidationCatalog.Find(name));

    /// <summary>One line of a sound design is wrong.</summary>
    /// <inheritdoc cref="Refuted"/>
    public static TbCase Mutant(InvalidationEntry design, string outcome, MemoryModelName racyFrom = MemoryModelName.Sc) =>
        new(new ScenarioVariant(design.Name, ExpectedVerdict.Racy, design.UnsoundBecause!, IsMutant: true, racyFrom, outcome), design);
}

/// <summary>
/// A scenario over a machine whose guest is a row of jumps, <see cref="Blocks"/>: block i is one instruction, which jumps to block i + 1. The actors
/// take the steps of the main loop themselves, so that an execution is short.
/// </summary>
public abstract class TbScenario(params TbCase[] cases) : Scenario, IStrategyScenario
{
    /// <summary>Blocks of the guest; the last one exits its hart (ecall 93).</summary>
    protected const int Blocks = 6;

    protected static MachineOptions Small { get; } = new()
    {
        Cpus = 2,
        RamSize = GuestRam.PageSize,
        TbCapacity = 6,
        JumpCacheBits = 1,
    };

    private static GuestImage Row { get; } = GuestCode.Image(
        [.. Enumerable.Repeat(GuestCode.Jump(4), Blocks - 1), GuestCode.AddImmediate(GuestCode.A7, 0, GuestCode.Exit), GuestCode.Ecall]);

    public sealed override IReadOnlyList<ScenarioVariant> Variants { get; } = cases.Select(c => c.Variant).ToArray();

    protected sealed override void Run(ScenarioVariant variant) => Run(Array.Find(cases, c => ReferenceEquals(c.Variant, variant))!.Design);

    /// <inheritdoc/>
    public virtual bool AppliesTo(InvalidationEntry design) => true;

    /// <inheritdoc/>
    public virtual ScenarioVariant VariantOf(InvalidationEntry design) =>
        new(design.Name, ExpectedVerdict.Clean, design.UnsoundBecause ?? "the strategy says that it is sound");

    /// <summary>One execution: sets up, runs the actors, checks the invariant.</summary>
    public abstract void Run(InvalidationEntry design);

    /// <summary>A machine with the guest of <see cref="Blocks"/>, audited for patches of recycled blocks.</summary>
    protected static Machine Make(InvalidationEntry design, MachineOptions? options = null) =>
        design.Create<OrderedMemory, GenerationAudit>(Row, options ?? Small);

    /// <summary>Guest address of a block.</summary>
    protected static ulong Pc(int block) => GuestCode.Start + (4 * (ulong)block);

    /// <summary>A turn of the vCPU's main loop: its chain has ended in <paramref name="last"/>, and it goes on at <paramref name="block"/>.</summary>
    /// <returns>Null if the vCPU must leave its loop first.</returns>
    protected static TbCode? Turn(Machine machine, VCpu cpu, int block, TbCode? last = null)
    {
        cpu.Pc = Pc(block);
        return machine.TbFind(cpu, last, last == null ? Machine.NoExit : 0);
    }

    /// <summary>The block, translated if need be, for setting up.</summary>
    protected static TranslationBlock Block(Machine machine, int block)
    {
        VCpu cpu = machine.Cpus[0];
        cpu.Pc = Pc(block);
        return machine.TbFind(cpu)!;
    }

    /// <summary>What the vCPU does between two of its executions: it comes out and does what others want of it.</summary>
    protected static void Outside(Machine machine, VCpu cpu)
    {
        machine.CpuExecEnd(cpu);
        machine.ProcessQueuedWork(cpu);
    }

    /// <exception cref="InvariantViolationException">The invariant does not hold.</exception>
    protected static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvariantViolationException(otherwise);
        }
    }
}
