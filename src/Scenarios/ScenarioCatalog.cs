using System.Reflection;
using Verify.Engine.Dirty;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Dirty;
using Verify.Scenarios.Exclusive;
using Verify.Scenarios.Execution;
using Verify.Scenarios.Harts;
using Verify.Scenarios.Memory;
using Verify.Scenarios.Rcu;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios;

/// <summary>The only list of scenarios.</summary>
public static class ScenarioCatalog
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        // Translation blocks.
        new ConcurrentGeneration(),
        new DoubleFlushRequest(),
        new DoubleInvalidate(),
        new ExternalFlush(),
        new FastStoreVersusTranslate(),
        new FlagResetByLookup(),
        new FlushVersusInvalidate(),
        new FlushVersusLastTb(),
        new FlushWhileExecuting(),
        new HashChainNeighbours(),
        new HotAddVersusFlush(),
        new InvalidDestinationAndOrigin(),
        new InvalidateVersusRecycle(),
        new InvalidateVersusStore(),
        new JumpCachePair(),
        new JumpCacheReinsert(),
        new LinkVersusInvalidDestination(),
        new LinkVersusInvalidOrigin(),
        new LinkVersusLink(),
        new NoCacheOrigin(),
        new OverflowRestart(),
        new PageLockOrder(),
        new PerCpuFlagClear(),
        new PreciseSelfModification(),
        new RelinkVersusInvalidEnds(),
        new RestoreStateRace(),
        new SamePageTwice(),
        new StepAtomicStaleTb(),
        new StoreIntoSecondPage(),
        new TranslateVersusStore(),
        new UnlinkVersusReuse(),

        // Exclusive sections and work.
        new ExclusiveDekker(),
        new ExclusiveNested(),
        new ExclusiveVersusBigLock(),
        new ExitRequestOrder(),
        new KickVersusKick(),
        new RunOnCpuWakeup(),
        new WfiPingPong(),
        new WorkVersusExit(),

        // vCPUs that pause, come, go and end.
        new InterruptVersusEnable(),
        new MilestoneVersusEnd(),
        new PauseVersusPause(),
        new SharedLoop(),
        new TwoEnds(),
        new UnplugVersusStart(),

        // Harts.
        new AmoLostUpdate(),
        new ClintWriters(),
        new ConsoleWriters(),
        new GuestMessagePassing(),
        new GuestStoreBuffering(),
        new InterruptVersusCsr(),
        new LrScVersusStore(),
        new TimeVersusSet(),

        // TLBs and RAM.
        new ForeignTlbFlush(),
        new PageFlags(),
        new PlugVersusPlug(),
        new RamListWatcher(),
        new TlbComesAndGoes(),
        new TlbWriters(),
        new WalkVersusRemap(),

        // Dirty memory.
        new BitmapOr(),
        new BlocksGetRange(),
        new BlockVersusListOrder(),
        new ByteFlagRmw(),
        new ClearWordsVersusDma(),
        new ClientLeavesAndReturns(),
        new ClientsComeAndGo(),
        new DenseSync(),
        new DenseSyncVersusDrop(),
        new DenseSyncVersusEnable(),
        new DirtyLogRead(),
        new DisplayPageTables(),
        new DmaWriteOrder(),
        new EnableVersusClear(),
        new EnableVersusSet(),
        new FirstExtend(),
        new FramebufferMode(),
        new GrowFree(),
        new GrowTwice(),
        new GrowVersusSet(),
        new HotplugVersusStore(),
        new KvmClearUnknown(),
        new KvmFetchTwice(),
        new KvmMergeVersusEnable(),
        new KvmRingReap(),
        new LogDirtySwitch(),
        new MasterDrain(),
        new MasterFinalPass(),
        new MergeCrossBlock(),
        new MigrationGrowCounter(),
        new MigrationVersusStore(),
        new NotDirtyDropVersusClear(),
        new PlugVersusTrackedStore(),
        new ReAddedBlock(),
        new SetOneVersusDrain(),
        new SetRangeVersusLastPass(),
        new SnapshotNeighbour(),
        new SummaryBitSearch(),
        new SummaryCounter(),
        new SummaryTwoClearers(),
        new SummaryTwoGroups(),
        new SyncTwoRamBlocks(),
        new TlbFillVersusClear(),
        new TwoClearers(),
        new TwoSynchronizers(),
        new XenAlias(),
        new XenDbitScan(),
        new XenPteRecycle(),

        // RCU.
        new CallbackLock(),
        new CallRcuOrder(),
        new DrainBusyReader(),
        new DrainTwice(),
        new RcuBasic(),
        new RcuLostWakeup(),
        new RcuNestedRegister(),
        new RcuParity(),
        new SynchronizeOverlap(),
        new SynchronizeTwice(),
    ];

    /// <exception cref="UnknownScenarioException">No scenario has this name.</exception>
    public static Scenario Find(string scenario)
    {
        foreach (Scenario candidate in All)
        {
            if (candidate.Name == scenario)
            {
                return candidate;
            }
        }

        throw new UnknownScenarioException(
            $"unknown scenario '{scenario}'; {NearestNames.List(scenario, All.Select(s => s.Name))}; `verify list` names all");
    }

    /// <summary>One execution of a scenario, in types of the base library only, for callers that load this assembly a second time.</summary>
    /// <exception cref="UnknownScenarioException">No scenario has this name.</exception>
    /// <param name="scenario">Its name.</param>
    /// <param name="variant">One of its variants; or, for a scenario about strategies, one of <see cref="InvalidationCatalog.Combinations"/>.</param>
    /// <exception cref="UnknownVariantException">The scenario has no such variant.</exception>
    public static Action Body(string scenario, string variant)
    {
        Scenario found = Find(scenario);
        if (CombinationIn(found, variant) is { } design)
        {
            return () => ((IStrategyScenario)found).Run(design);
        }

        string name = found.Find(variant).Name;
        return () => found.Run(name);
    }

    /// <summary>The combination of that name, if the scenario takes strategies; otherwise null.</summary>
    public static InvalidationEntry? CombinationIn(Scenario scenario, string variant) =>
        scenario is IStrategyScenario takes && InvalidationCatalog.Combinations.FirstOrDefault(c => c.Name == variant) is { } design && takes.AppliesTo(design)
            ? design
            : null;

    /// <summary>One execution of a scenario with a strategy, or a dirty-memory design, of an assembly that is not ours.</summary>
    /// <param name="own">The assembly, loaded beside this one.</param>
    /// <param name="type">A public type of it; see <see cref="StrategyLoader"/> and <see cref="DirtyMemoryLoader"/>.</param>
    /// <exception cref="UnknownScenarioException">No scenario has this name, or it takes neither.</exception>
    /// <exception cref="UnknownStrategyException">The scenario takes strategies, and the assembly has no such one.</exception>
    /// <exception cref="DirtyMemoryException">The scenario takes designs, and the assembly has no such one.</exception>
    public static Action Body(string scenario, Assembly own, string type)
    {
        switch (Find(scenario))
        {
            case IStrategyScenario found:
                InvalidationEntry strategy = StrategyLoader.Load(own, type);
                return () => found.Run(strategy);
            case IDirtyScenario found:
                DirtyMemoryEntry design = DirtyMemoryLoader.Load(own, type);
                return () => found.Run(design);
            default:
                throw new UnknownScenarioException($"scenario '{scenario}' takes neither an invalidation strategy nor a dirty-memory design");
        }
    }
}
