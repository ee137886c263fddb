using System.Reflection;
using Verify.Engine.Dirty;
using Verify.Engine.Invalidation;
using Verify.Engine.Rcu;

namespace Verify.Scenarios.Events;

/// <summary>The only list of counted events; `verify compare` counts the cache lines each writes.</summary>
public static class EventCatalog
{
    /// <summary>Events of an invalidation strategy, by name.</summary>
    public static IReadOnlyDictionary<string, Func<InvalidationEntry, CountedEvent>> Strategy { get; } = new Dictionary<string, Func<InvalidationEntry, CountedEvent>>
    {
        ["turn"] = StrategyEvents.Turn,
        ["invalidate"] = StrategyEvents.Invalidate,
        ["flush1"] = design => StrategyEvents.Flush(design, 1),
        ["flush100"] = design => StrategyEvents.Flush(design, 100),
    };

    /// <summary>Events of a dirty-memory design, by name.</summary>
    public static IReadOnlyDictionary<string, Func<DirtyMemoryEntry, CountedEvent>> Dirty { get; } = new Dictionary<string, Func<DirtyMemoryEntry, CountedEvent>>
    {
        ["set"] = design => DirtyEvents.Make(design, view => view.SetDirty(DirtyEvents.Page, DirtyClient.Migration)),
        ["setAll"] = design => DirtyEvents.Make(design, view => view.SetDirty(DirtyEvents.Page)),
        ["test"] = design => DirtyEvents.Make(design, view => view.GetDirty(DirtyEvents.Page, DirtyClient.Migration)),
        ["clear"] = DirtyEvents.Clear,
        ["sync"] = DirtyEvents.Sync,
    };

    /// <summary>Events of a variant of RCU, by name, for each variant.</summary>
    public static IReadOnlyDictionary<string, Func<string, CountedEvent>> Rcu { get; } = new Dictionary<string, Func<string, CountedEvent>>
    {
        ["read"] = variant => Of(variant, RcuEvents<SymmetricRcu>.Read, RcuEvents<AsymmetricRcu>.Read, RcuEvents<TwoPhaseRcu>.Read),
        ["grace"] = variant => Of(variant, RcuEvents<SymmetricRcu>.Grace, RcuEvents<AsymmetricRcu>.Grace, RcuEvents<TwoPhaseRcu>.Grace),
    };

    /// <summary>The parts of an event, for callers that load this assembly a second time.</summary>
    /// <param name="group">"strategy", "dirty" or "rcu".</param>
    /// <param name="name">Of the event.</param>
    /// <param name="design">Of a catalogue.</param>
    public static Action[] Parts(string group, string name, string design) => group switch
    {
        "strategy" => Strategy[name](InvalidationCatalog.Find(design)).Parts,
        "dirty" => Dirty[name](DirtyMemoryCatalog.Find(design)).Parts,
        _ => Rcu[name](design).Parts,
    };

    /// <summary>The same for a design of an assembly that is not ours.</summary>
    public static Action[] Parts(string group, string name, Assembly own, string type) => group == "strategy"
        ? Strategy[name](StrategyLoader.Load(own, type)).Parts
        : Dirty[name](DirtyMemoryLoader.Load(own, type)).Parts;

    private static CountedEvent Of(string variant, Func<CountedEvent> symmetric, Func<CountedEvent> asymmetric, Func<CountedEvent> twoPhase) => variant switch
    {
        "symmetric" => symmetric(),
        "asymmetric" => asymmetric(),
        "two-phase" => twoPhase(),
        _ => throw new UnknownVariantException($"there is no variant of RCU '{variant}'; there are symmetric, asymmetric and two-phase"),
    };
}
