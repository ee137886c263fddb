using System.Collections.Frozen;

namespace Verify.Rewriter;

/// <summary>What is rewritten, and what may stay outside control.</summary>
public sealed record RewriteOptions
{
    /// <summary>Shim classes to redirect to; null means <see cref="RewriteMap.Default"/>.</summary>
    public IReadOnlyList<Type>? ShimTypes { get; init; }

    /// <summary>Also redirect fields, statics, array elements and refs accessed without <c>volatile.</c>; needs a <c>PlainShim</c>.</summary>
    public bool PlainAccesses { get; init; }

    /// <summary>
    /// Redirect nothing: only put a delay before each place that would be redirected but for plain accesses (<see cref="Checker.Shims.DelayShim"/>). Such
    /// a program runs on real threads.
    /// </summary>
    public bool OnlyDelays { get; init; }

    /// <summary>Whether to add a small racy program, which goes through all passes, for <see cref="Loading.RewrittenProgram"/> to find.</summary>
    public bool PlantRace { get; init; }

    /// <summary>Make static state repeatable: <see cref="Loading.RewrittenProgram.ResetStatics"/> then restores it.</summary>
    public bool ResetStatics { get; init; }

    /// <summary>A defect to put in first; null for none.</summary>
    public Mutation.Mutation? Mutation { get; init; }

    /// <summary>
    /// Uncontrolled members the user takes the blame for: a type (<c>System.Threading.Timer</c>) or a member of any signature
    /// (<c>System.Threading.Timer.Change</c>), spelled as <see cref="SiteReport.Member"/> spells them.
    /// </summary>
    public IReadOnlySet<string> AllowedUncontrolled { get; init; } = FrozenSet<string>.Empty;

    /// <summary>
    /// Methods whose plain accesses race on purpose, besides those that bear an attribute called <c>RacesOnPurpose</c> of whatever namespace, or
    /// stand in a type that does: <c>Namespace.Type.Method</c>, all overloads. Their accesses are no data races and always interleave.
    /// </summary>
    public IReadOnlySet<string> RacesOnPurpose { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Where to look for referenced assemblies, after the folder of the input and before the running framework's.</summary>
    public IReadOnlyList<string> SearchDirectories { get; init; } = [];
}
