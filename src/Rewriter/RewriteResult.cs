using Verify.Checker.Runtime;

namespace Verify.Rewriter;

/// <summary>What became of one call or access.</summary>
public enum SiteOutcome
{
    /// <summary>Redirected to a shim.</summary>
    Controlled,

    /// <summary>Named harmless: by a shim's <c>PassThrough</c> list or by <see cref="UncontrolledMembers"/>.</summary>
    PassedThrough,

    /// <summary>Not controlled, and allowed by <see cref="RewriteOptions.AllowedUncontrolled"/>.</summary>
    Allowed,

    /// <summary>Not controlled: a run over the assembly must fail, and the call throws when it is reached.</summary>
    Refused,

    /// <summary>A plain access that <see cref="RewriteOptions.PlainAccesses"/> left as it is, for the reason given.</summary>
    Skipped,
}

/// <summary>One line of the coverage report.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Method">Containing method, in the form of <see cref="Site.Method"/>.</param>
/// <param name="File">Source file as in the symbols, or empty.</param>
/// <param name="Line">Source line, from 1; 0 without symbols.</param>
/// <param name="Member">The member called, as <c>System.Threading.Timer.Change</c>, or the access, as <c>load Box.Count</c>.</param>
/// <param name="Reason">Why it was passed through, refused or skipped; empty when controlled.</param>
/// <param name="Number">Local number of the site, or -1 when the outcome needs no site at run time.</param>
public sealed record SiteReport(SiteOutcome Outcome, string Method, string File, int Line, string Member, string Reason, int Number)
{
    /// <summary>One line for people: <c>Queue.cs:12: System.Threading.Timer.Change: reason</c>.</summary>
    public override string ToString() =>
        (Line > 0 ? Path.GetFileName(File) + ":" + Line : Method) + ": " + Member + (Reason.Length > 0 ? ": " + Reason : "");
}

/// <summary>A static field whose value can leak from one execution into the next.</summary>
/// <param name="Type">Full name of the declaring type.</param>
/// <param name="Name">Name of the field; of a property's hidden field, the property's name.</param>
/// <param name="FieldType">Full name of the field's type.</param>
/// <param name="ReadOnly">The field itself is never reassigned, but the object it refers to may change.</param>
/// <param name="Resettable"><see cref="RewriteOptions.ResetStatics"/> restores it before each execution.</param>
/// <param name="ThreadStatic">Each operating-system thread has its own.</param>
public sealed record StaticField(string Type, string Name, string FieldType, bool ReadOnly, bool Resettable, bool ThreadStatic);

/// <summary>What rewriting one assembly did.</summary>
/// <param name="Assembly">Simple name of the assembly.</param>
/// <param name="OriginalModuleVersion">Module version id before rewriting; the one schedule files name.</param>
/// <param name="Sites">The sites in local-number order: by method, then by position in its IL.</param>
/// <param name="Report">Everything that was looked at, in the same order.</param>
/// <param name="StaticFields">State that survives an execution.</param>
/// <param name="UnrewrittenReferences">Referenced assemblies that are neither the framework, nor the checker, nor in the rewritten set.</param>
/// <param name="Notes">What else the user must know: symbols missing, signature dropped; one line each.</param>
public sealed record RewriteResult(
    string Assembly,
    Guid OriginalModuleVersion,
    IReadOnlyList<Site> Sites,
    IReadOnlyList<SiteReport> Report,
    IReadOnlyList<StaticField> StaticFields,
    IReadOnlyList<string> UnrewrittenReferences,
    IReadOnlyList<string> Notes)
{
    /// <summary>The part of <see cref="Report"/> over which a run must fail.</summary>
    public IReadOnlyList<SiteReport> Refused { get; } = [.. Report.Where(r => r.Outcome == SiteOutcome.Refused)];

    /// <summary>How many of <see cref="Report"/> ended so.</summary>
    public int Count(SiteOutcome outcome) => Report.Count(r => r.Outcome == outcome);
}

/// <summary>A rewritten assembly in memory.</summary>
/// <param name="Pe">The assembly.</param>
/// <param name="Pdb">Its portable symbols; null when they are embedded or there are none.</param>
/// <param name="Result">What was done.</param>
public sealed record RewrittenImage(byte[] Pe, byte[]? Pdb, RewriteResult Result);
