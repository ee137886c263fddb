using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Locations by the sites that touch them: addresses differ between executions, sites do not.</summary>
/// <remarks>Sites that touched one address in one execution are one class (union-find); a class stands for a location across executions.</remarks>
internal sealed class SiteClasses
{
    private readonly Dictionary<int, int> _parent = [];   // over site numbers; roots are absent
    private readonly Dictionary<nuint, int> _siteAt = []; // first site at an address, this execution

    internal void BeginExecution() => _siteAt.Clear();

    /// <summary>Notes that the operation's site touches its address.</summary>
    internal void Touch(in PendingOperation op)
    {
        if (_siteAt.TryGetValue(op.Address, out int other))
        {
            Union(other, op.Site);
        }
        else
        {
            _siteAt.Add(op.Address, op.Site);
        }
    }

    /// <summary>The site that stands for the class of this one.</summary>
    internal int Of(int site)
    {
        while (_parent.TryGetValue(site, out int up))
        {
            site = up;
        }

        return site;
    }

    // The smaller number becomes the root, so that results do not depend on the order of unions.
    private void Union(int a, int b)
    {
        a = Of(a);
        b = Of(b);
        if (a != b)
        {
            _parent[Math.Max(a, b)] = Math.Min(a, b);
        }
    }
}
