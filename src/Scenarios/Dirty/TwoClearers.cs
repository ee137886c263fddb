using Verify.Engine.Dirty;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>Two threads test and clear one page, and their neighbour in its word, for one client: a store is reported to one of them, and to one only.</summary>
/// <remarks>Found missing by <c>verify mutate</c>: every other scenario has one thread that clears.</remarks>
public sealed class TwoClearers() : DirtyScenario(DesignsAnd(
    Run,
    [
        ScenarioCase.Mutant(
            "plain-clear", "both load the word before either has stored it (DM02)", Reported, () => Run(o => new ClientBitmapsDirtyMemory<PlainClearBits>(o))),
    ]))
{
    private const string Reported = "was reported ";

    public override string Name => "two-clearers";

    public override string Summary => "two threads test and clear the same page for migration while a third one marks its neighbour";

    public override string Source => "races.md DM02; docs/mutation.md";

    private static void Run(MakeDesign make)
    {
        const long Contended = 3, Neighbour = 4;
        int contended = 0, neighbour = 0; // Interlocked; how often each was reported
        using IDirtyMemoryDesign design = make(OneWord);
        Use(design, memory => memory.SetDirtyWord(0, 1UL << (int)Contended, DirtyClients.NoCode));
        RunActors(
            Actor("clearer 0", design, Clear),
            Actor("clearer 1", design, Clear),
            Actor("setter", design, memory => memory.SetDirtyWord(0, 1UL << (int)Neighbour, DirtyClients.NoCode)));
        Use(design, Clear);
        Check(contended == 1, $"page {Contended} was marked once and {Reported}{contended} times");
        Check(neighbour == 1, $"page {Neighbour} was marked once and {Reported}{neighbour} times");

        void Clear(IDirtyMemory memory)
        {
            if (memory.TestAndClearDirty(Page(Contended), DirtyClient.Migration))
            {
                Interlocked.Increment(ref contended);
            }

            if (memory.TestAndClearDirty(Page(Neighbour), DirtyClient.Migration))
            {
                Interlocked.Increment(ref neighbour);
            }
        }
    }
}
