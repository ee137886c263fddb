using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Linking;

namespace Verify.Scenarios.Translation;

/// <summary>Both ends of a linked jump are invalidated while a third vCPU links the same exit elsewhere: nobody keeps a dead origin on its list.</summary>
/// <remarks>
/// Found missing by <c>verify mutate</c>: an exit that is given back by its destination keeps the mark of its dying block, or the third vCPU takes it.
/// </remarks>
public sealed class RelinkVersusInvalidEnds() : LinkScenario(SoundAnd(
    TbCase.Mutant(ExitNotReadAgain.Entry, "whose list does not hold it"),
    TbCase.Mutant(OriginNotMarkedDying.Entry, "the dead")))
{
    private static GuestImage Guest { get; } = GuestCode.Image(
        [GuestCode.Jump(GuestRam.PageSize), .. new uint[1023], GuestCode.Jump(0), GuestCode.Jump(0)]);

    public override string Name => "relink-vs-invalid-ends";

    public override string Summary => "two vCPUs invalidate the origin and the destination of a jump while a third one links its exit to another block";

    public override string Source => "races.md TB08, TB09; docs/mutation.md";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, GenerationAudit>(Guest, Small with { RamSize = 2 * GuestRam.PageSize });
        (TranslationBlock origin, TranslationBlock destination, TranslationBlock other) = (Block(machine, 0), Block(machine, 1024), Block(machine, 1025));
        Check(machine.TbAddJump(origin, 0, destination), "the jump could not be linked");
        RunActors(
            ("vcpu0", () => machine.TbPhysInvalidate(destination)),
            ("vcpu1", () => machine.TbPhysInvalidate(origin)),
            ("vcpu2", () => machine.TbAddJump(origin, 0, other)));
        CheckLinks(machine);
        Check(origin.Destination(0).Dying, $"the exit of the dead {origin} has lost its mark, and can be linked");
        Check(TbLinker.Incoming(destination).FirstOrDefault() == default, $"the list of the dead {destination} is not empty");
        Check(TbLinker.Incoming(other).FirstOrDefault() == default, $"the dead {origin} is on the list of {other}");
    }
}
