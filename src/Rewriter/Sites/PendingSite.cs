using Mono.Cecil.Cil;
using Verify.Checker.Runtime;

namespace Verify.Rewriter.Sites;

/// <summary>A line of the report whose number is given only when every pass is done, so that numbers follow the IL.</summary>
internal sealed record PendingSite(SiteOutcome Outcome, string Member, string Operation, string Reason, string File, int Line)
{
    /// <summary>The <c>ldc.i4</c> that receives the local number; null when the site needs none at run time.</summary>
    internal Instruction? Load { get; set; }

    internal string Location { get; init; } = "";

    /// <summary>What is known of the address and the value.</summary>
    internal SiteTraits Traits { get; init; }
}
