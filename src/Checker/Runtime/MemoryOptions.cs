using System.Text.Json.Serialization;
using Verify.Checker.MemoryModels;

namespace Verify.Checker.Runtime;

/// <summary>What is done about data races.</summary>
public enum RaceMode
{
    /// <summary>They are not looked for.</summary>
    Off,

    /// <summary>Each is reported once; the execution goes on.</summary>
    Report,

    /// <summary>One ends the execution as a failure.</summary>
    Fail,
}

/// <summary>What the memory of an execution may do, and what is looked for in it.</summary>
/// <remarks>Plain accesses take part only where they were rewritten (the rewriter's option PlainAccesses).</remarks>
[JsonConverter(typeof(MemoryOptionsJson))]
public sealed record MemoryOptions
{
    /// <summary>Sequential consistency, no race detection.</summary>
    public static MemoryOptions Default { get; } = new();

    /// <summary>Memory model, its variants and bounds.</summary>
    public MemoryModelOptions Machine { get; init; } = new() { Model = MemoryModel.Sc };

    /// <summary>Data races by happens-before.</summary>
    public RaceMode Races { get; init; }

    /// <summary>Whether threads may be switched at plain accesses too; otherwise only at synchronization.</summary>
    public bool PlainPoints { get; init; }

    /// <summary>Whether plain accesses must be rewritten for these options to have their effect.</summary>
    public bool NeedsPlainAccesses => IsModelled || PlainPoints;

    /// <summary>Whether accesses go through the memory machine.</summary>
    internal bool IsModelled => Machine.Model.StaleReads || Races != RaceMode.Off;

    /// <summary>The options of that model.</summary>
    /// <exception cref="ArgumentException">There is no model of that name; the message lists those there are.</exception>
    public static MemoryOptions For(string model, RaceMode races = RaceMode.Off, bool plainPoints = false) => new()
    {
        Machine = new MemoryModelOptions { Model = MemoryModel.Parse(model) },
        Races = races,
        PlainPoints = plainPoints,
    };
}
