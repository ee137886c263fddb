namespace Verify.Scenarios.Events;

/// <summary>One event of a design, for counting what it writes: what comes before, the event, and what comes after. Types of the base library only.</summary>
/// <param name="Prepare">Makes what is needed.</param>
/// <param name="Event">The event, once.</param>
/// <param name="End">Takes it down.</param>
public sealed record CountedEvent(Action Prepare, Action Event, Action End)
{
    /// <summary>In an order that loaders of a second copy of this assembly can take apart.</summary>
    public Action[] Parts => [Prepare, Event, End];
}
