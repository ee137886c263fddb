using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Scenarios.Guests;

/// <summary>Counts what a run on real threads runs into, and checks what <see cref="GenerationAudit"/> checks.</summary>
/// <remarks>
/// What it sees may be over before it looks; a count is a lower bound. Machine code calls no audit where it follows a jump by itself, so blocks entered
/// are those of the interpreter, and of the main loop.
/// </remarks>
/// <param name="events">Where to count.</param>
public readonly struct StressAudit(StressEvents events) : IAudit
{
    public void Attach(int cpus)
    {
    }

    public void Executed(VCpu cpu, TbCode code)
    {
        if (code.Slot.Generation != code.Generation || code.Slot.Invalid)
        {
            events.Count(StressEvent.StaleBlockEntered);
        }
    }

    public void Left(VCpu cpu, TbCode ran, int exit)
    {
        if (ran.Slot.Generation != ran.Generation)
        {
            events.Count(StressEvent.FlushedWhileExecuting);
        }
        else if (ran.Slot.Invalid)
        {
            events.Count(StressEvent.InvalidatedWhileExecuting);
        }

        if (exit == Machine.NoExit && cpu.IsKicked)
        {
            events.Count(StressEvent.LeftOnRequest);
        }
    }

    /// <exception cref="AuditViolationException">The slot was handed out again since its block ran.</exception>
    public void Patch(VCpu cpu, TbCode ran, int exit, TranslationBlock origin, TranslationBlock destination)
    {
        default(GenerationAudit).Patch(cpu, ran, exit, origin, destination);
        events.Count(origin.Invalid ? StressEvent.OriginDied : destination.Invalid ? StressEvent.DestinationDied : StressEvent.Linked);
        if (cpu.IsKicked)
        {
            events.Count(StressEvent.KickedWhilePatching);
        }
    }

    public void OriginKept(VCpu cpu, TranslationBlock origin, bool flushed) => default(GenerationAudit).OriginKept(cpu, origin, flushed);

    public void Stopped(VCpu cpu)
    {
    }
}
