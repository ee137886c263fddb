using Verify.Checker.Runtime;

namespace Verify.Checker.Explanation;

/// <summary>Two accesses of one thread that took effect in the other order.</summary>
public enum Reordering
{
    /// <summary>None: the read could as well have been executed earlier.</summary>
    None,

    /// <summary>A read before an earlier write: the only one that x86 makes.</summary>
    WriteRead,

    /// <summary>A read before an earlier read.</summary>
    ReadRead,

    /// <summary>A write before an earlier write.</summary>
    WriteWrite,
}

/// <summary>One answer of the memory machine without which the failure does not happen, in words.</summary>
/// <param name="Thread">Name of the thread whose accesses were reordered.</param>
/// <param name="Kind">How.</param>
/// <param name="Earlier">The access that comes first in the program; null when nothing was reordered.</param>
/// <param name="Later">The access that took effect before it, or the read that was stale.</param>
/// <param name="Read">The read that was stale, or null if no read was.</param>
/// <param name="Returned">What that read returned, and what it missed.</param>
/// <param name="Remedy">The fence that forbids it; empty when nothing was reordered.</param>
/// <param name="IsChecked">Whether the failure went away when the execution was repeated with that fence.</param>
public sealed record WeakCause(
    string Thread, Reordering Kind, Site? Earlier, Site Later, Site? Read, string Returned, string Remedy, bool IsChecked)
{
    /// <summary>Whether x86 processors do it; if not, ARM64 processors or the JIT compiler must.</summary>
    public bool OnX86 => Kind is Reordering.None or Reordering.WriteRead;

    /// <summary>The whole in a few sentences.</summary>
    public string Text
    {
        get
        {
            string order = Kind switch
            {
                Reordering.WriteRead => $"{Thread}'s read at {Later.Place} was performed before its earlier write at {Earlier!.Place} took effect.",
                Reordering.ReadRead => $"{Thread}'s read at {Later.Place} was performed before its earlier read at {Earlier!.Place}.",
                Reordering.WriteWrite => $"{Thread}'s write at {Later.Place} took effect before its earlier write at {Earlier!.Place}.",
                _ => $"{Thread}'s read at {Later.Place} was performed early.",
            };
            string remedy = Remedy.Length == 0 ? "" : $" {Remedy} forbids it{(IsChecked ? " (checked: with it this execution does not fail)" : "")}.";
            string where = Kind == Reordering.None ? ""
                : OnX86 ? " x86 processors do this." : " x86 processors keep this order; ARM64 processors and the JIT compiler may not.";
            return order + (Returned.Length == 0 ? "" : " " + Returned) + remedy + where;
        }
    }
}

/// <summary>Why a failure happened under a weak memory model.</summary>
/// <param name="Schedule">The failure with as few weak answers as its events allow.</param>
/// <param name="Causes">Those answers; none if interleaving alone suffices.</param>
public sealed record WeakExplanation(Replay.Schedule Schedule, IReadOnlyList<WeakCause> Causes)
{
    /// <summary>One line: what kind of failure it is.</summary>
    public string Headline => Causes.Count == 0 ? "No weak memory is needed: the interleaving alone fails."
        : Causes.All(c => c.OnX86) ? "It needs a reordering that x86 processors make."
        : "It needs a reordering that x86 processors do not make: ARM64 processors or the JIT compiler.";

    /// <summary>The headline and a line a cause.</summary>
    public IEnumerable<string> Lines => [Headline, .. Causes.Select(c => c.Text)];
}
