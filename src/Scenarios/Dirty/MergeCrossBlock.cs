using Verify.Engine.Dirty;
using Verify.Engine.Rcu;
using Verify.Scenarios.Mutants.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A kernel's log that crosses a block is merged while memory grows: the pages of the log are dirty and no others.</summary>
public sealed class MergeCrossBlock() : DirtyScenario(DesignsAnd(
    make => Run(make, design => design.Attach()),
    [
        ScenarioCase.Mutant("no-idx-advance", "at the end of a block the first one is written again", Wrong, RunStuck),
    ]))
{
    private const string Wrong = "after the merge";

    public override string Name => "merge-cross-block";

    public override string Summary => "a kernel's dirty log over two blocks is merged while memory grows";

    public override string Source => "races.md 2.4, scenario 51";

    private static DirtyMemoryOptions Options => new() { Pages = 128, MaxPages = 192, BlockPages = 64, Clients = DirtyClients.Migration };

    private static void RunStuck()
    {
        using RcuDomain<SymmetricRcu> rcu = new();
        Run(o => new RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SharedBlockGrowth>(o, rcu), design =>
        {
            RcuReader<SymmetricRcu> reader = rcu.Register();
            BlockStore<SymmetricRcu> store = ((RcuDirtyMemoryBlocks<SymmetricRcu, AtomicBits, SharedBlockGrowth>)design).View(reader).Store;
            return new BitmapView<StuckBlockStore<SymmetricRcu>, AtomicBits>(new StuckBlockStore<SymmetricRcu>(store, reader, rcu), Options);
        });
    }

    private static void Run(MakeDesign make, Func<IDirtyMemoryDesign, IDirtyMemory> attach)
    {
        ulong[] log = [1UL << 3, 1UL << 5];
        using IDirtyMemoryDesign design = make(Options);
        RunActors(
            ("kvm", () =>
            {
                IDirtyMemory memory = attach(design);
                memory.MergeDirtyLog(log, new PageRange(0, 128), clients: DirtyClients.Migration);
                memory.Detach();
            }
        ),
            ("grower", () => design.Extend(192)));
        Use(design, memory =>
        {
            ulong[] merged = new ulong[3];
            memory.SyncDirtyBitmap(merged, new PageRange(0, 192));
            Check(
                merged[0] == log[0] && merged[1] == log[1] && merged[2] == 0,
                $"the bitmap is {merged[0]:x}, {merged[1]:x}, {merged[2]:x} {Wrong} of {log[0]:x}, {log[1]:x}");
        });
    }
}
