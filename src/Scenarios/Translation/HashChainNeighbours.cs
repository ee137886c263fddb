using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Invalidation;

namespace Verify.Scenarios.Translation;

/// <summary>Two threads invalidate blocks of different pages that follow each other on one hash chain, while a vCPU looks up a third block behind them.</summary>
/// <remarks>
/// Found missing by <c>verify mutate</c>: elsewhere no two chains meet, and who looks whether a block is in the hash needs no lock. The pages differ, so that
/// no page lock keeps the two apart.
/// </remarks>
public sealed class HashChainNeighbours() : TbScenario(
    TbCase.Mutant(RemovedUnlocked.Entry, "is still on its hash chain"),
    TbCase.Sound("per-cpu-flag", "invalidation is under TbLock"),
    TbCase.Sound("valid-marker", "invalidation is under TbLock"),
    TbCase.Sound("exclusive-flush", "a chain is changed under the lock of its bucket, and a removed block still leads to the rest"))
{
    private static GuestImage Guest { get; } = GuestCode.Image([.. Enumerable.Repeat(GuestCode.Jump(4), 1025), GuestCode.Jump(0)]);

    public override string Name => "hash-chain-neighbours";

    public override string Summary => "two threads invalidate two blocks that share a hash chain while a vCPU looks up a third one";

    public override string Source => "races.md 3.4 (the hash); docs/mutation.md";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, GenerationAudit>(Guest, Small with { RamSize = 2 * GuestRam.PageSize });

        // In a hash for six blocks these three share a bucket, or the mutant would show nothing; the chain begins with the last.
        (TranslationBlock rest, TranslationBlock second, TranslationBlock first) = (Block(machine, 5), Block(machine, 1024), Block(machine, 1));
        RunActors(
            ("monitor 0", () => Check(machine.TbPhysInvalidate(first), $"{first} was live and not invalidated")),
            ("monitor 1", () => Check(machine.TbPhysInvalidate(second), $"{second} was live and not invalidated")),
            ("vcpu", () => Check(machine.Tb.Hash.Find(rest.Pc, rest.Page0, TbFlags.None) == rest, $"{rest} is in the hash, and a look-up missed it")));
        foreach (TranslationBlock gone in (TranslationBlock[])[first, second])
        {
            Check(!machine.Tb.Hash.Contains(gone), $"{gone} was invalidated and is still on its hash chain");
        }

        Check(machine.Tb.Hash.Contains(rest), $"{rest} is not in the hash any more, and nobody invalidated it");
    }
}
