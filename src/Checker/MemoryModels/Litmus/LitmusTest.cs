namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>A litmus test: a small program, a condition on its final states, and what each model is expected to reach.</summary>
/// <remarks>Format: litmus/README.md.</remarks>
public sealed class LitmusTest
{
    /// <summary>What <see cref="LitmusOperand"/>s that refer to a location hold; above every number a test may use.</summary>
    private const long ReferenceBase = 1L << 62;

    /// <summary>The largest magnitude of a number in a test.</summary>
    public const long LargestNumber = ReferenceBase - 1;

    public required string Name { get; init; }

    /// <summary>Location names, in the order of first mention in init, then in the threads.</summary>
    public required IReadOnlyList<string> Locations { get; init; }

    /// <summary>Initial value of each location.</summary>
    public required IReadOnlyList<long> Initial { get; init; }

    /// <summary>Locations that a reference somewhere in the test names: they stand for objects with one field, the others for statics.</summary>
    public required IReadOnlySet<int> Objects { get; init; }

    public required IReadOnlyList<string> Locks { get; init; }

    public required IReadOnlyList<LitmusThread> Threads { get; init; }

    /// <summary>The final condition, a disjunction of conjunctions; empty if the test names none.</summary>
    public required IReadOnlyList<IReadOnlyList<LitmusTerm>> Exists { get; init; }

    /// <summary>Whether the condition is reachable, by model name; empty if the test does not say.</summary>
    public required IReadOnlyDictionary<string, bool> Allowed { get; init; }

    /// <summary>Verdicts that differ under an option, by the option's name in the file.</summary>
    public required IReadOnlyDictionary<string, bool> Variants { get; init; }

    /// <summary>All final states, by model name; empty if the test does not say.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Outcomes { get; init; }

    public string Note { get; init; } = "";

    /// <summary>The value that stands for a reference to a location.</summary>
    public static long Reference(int location) => ReferenceBase + location;

    /// <summary>The location a value refers to, -1 if it is a number.</summary>
    public static int Referent(long value) => value >= ReferenceBase ? (int)(value - ReferenceBase) : -1;

    /// <summary>A value as litmus files write it.</summary>
    public string Format(long value) => Referent(value) is var location and >= 0 ? "&" + Locations[location] : value.ToString();

    public override string ToString() => Name;
}

/// <summary>A thread's operations and its registers in the order of first use.</summary>
public sealed record LitmusThread(IReadOnlyList<LitmusOperation> Operations, IReadOnlyList<string> Registers);

/// <summary>One equation of the final condition.</summary>
/// <param name="Thread">The register's thread; -1 if <paramref name="Index"/> is a location.</param>
/// <param name="Index">Register or location.</param>
/// <param name="Value">What it must hold.</param>
public readonly record struct LitmusTerm(int Thread, int Index, long Value);
