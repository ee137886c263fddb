namespace Verify.Checker.MemoryModels;

/// <summary>A memory model: the few rules in which the models of the one machine differ.</summary>
/// <remarks>
/// All models share one time line and scalar views (after Promising-ARM, Pulte et al., PLDI 2019, without promises; multi-copy atomicity
/// makes an instant enough where C11 needs a vector). Every .NET platform is multi-copy atomic
/// (dotnet/runtime docs/design/specs/Memory-model.md, "Hardware considerations"), so a C11 model would raise false alarms.
/// Not exhibited by any of them: load buffering, and whatever else needs a read delayed past a later write of its own thread.
/// </remarks>
/// <param name="Name">The name on the command line and in litmus files.</param>
/// <param name="StaleReads">A read may return any write visible at some instant not before the thread's read view; otherwise the newest.</param>
/// <param name="EveryReadAcquires">Every read raises the read view (x86); otherwise acquires alone do.</param>
/// <param name="PlacedWrites">A plain or volatile write may take effect earlier or later than the present; otherwise it is appended.</param>
public sealed record MemoryModel(string Name, bool StaleReads, bool EveryReadAcquires, bool PlacedWrites)
{
    /// <summary>Sequential consistency: reads return the newest write, writes append.</summary>
    public static readonly MemoryModel Sc = new("sc", StaleReads: false, EveryReadAcquires: true, PlacedWrites: false);

    /// <summary>x86-TSO (Sewell et al., CACM 2010): a read in the past replaces the store buffer.</summary>
    public static readonly MemoryModel Tso = new("tso", StaleReads: true, EveryReadAcquires: true, PlacedWrites: false);

    /// <summary>The .NET contract on multi-copy atomic hardware, with reads kept before later writes.</summary>
    public static readonly MemoryModel DotNet = new("dotnet", StaleReads: true, EveryReadAcquires: false, PlacedWrites: true);

    /// <summary>Every model; the only list.</summary>
    public static IReadOnlyList<MemoryModel> All { get; } = [Sc, Tso, DotNet];

    /// <summary>The model of that name.</summary>
    /// <exception cref="ArgumentException">No model has it; the message lists those there are.</exception>
    public static MemoryModel Parse(string name) =>
        All.FirstOrDefault(m => m.Name == name)
        ?? throw new ArgumentException($"There is no memory model '{name}'; choose one of {string.Join(", ", All.Select(m => m.Name))}.");

    public override string ToString() => Name;
}
