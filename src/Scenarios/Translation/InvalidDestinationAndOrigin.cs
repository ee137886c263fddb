using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;
using Verify.Scenarios.Mutants.Linking;

namespace Verify.Scenarios.Translation;

/// <summary>Both ends of a linked jump are invalidated at the same time. They lie on two pages, whose locks do not keep the invalidators apart.</summary>
public sealed class InvalidDestinationAndOrigin() : LinkScenario(SoundAnd(
    TbCase.Mutant(ExitNotReadAgain.Entry, "whose list does not hold it")))
{
    private static GuestImage Guest { get; } = GuestCode.Image([GuestCode.Jump(GuestRam.PageSize), .. new uint[1023], GuestCode.Jump(0)]);

    public override string Name => "invalid-destination-and-origin";

    public override string Summary => "one vCPU invalidates the origin of a jump while another one invalidates its destination";

    public override string Source => "races.md TB08, scenario 12";

    public override void Run(InvalidationEntry design)
    {
        using Machine machine = design.Create<OrderedMemory, GenerationAudit>(Guest, Small with { RamSize = 2 * GuestRam.PageSize });
        (TranslationBlock origin, TranslationBlock destination) = (Block(machine, 0), Block(machine, 1024));
        Check(machine.TbAddJump(origin, 0, destination), "the jump could not be linked");
        RunActors(
            ("vcpu0", () => machine.TbPhysInvalidate(destination)),
            ("vcpu1", () => machine.TbPhysInvalidate(origin)));
        CheckLinks(machine);
        Check(TbLinker.Incoming(destination).FirstOrDefault() == default, $"the list of the dead {destination} is not empty");
    }
}
