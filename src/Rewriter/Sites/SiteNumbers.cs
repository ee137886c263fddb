using Verify.Checker.Runtime;
using Verify.Rewriter.Il;

namespace Verify.Rewriter.Sites;

/// <summary>Gives sites their numbers, by method and then by position in its IL, once every pass has run.</summary>
internal sealed class SiteNumbers
{
    private readonly List<Site> _sites = [];
    private readonly List<SiteTraits> _traits = []; // of each site
    private readonly List<SiteReport> _report = [];

    internal IReadOnlyList<Site> Sites => _sites;

    internal IReadOnlyList<SiteTraits> Traits => _traits;

    internal IReadOnlyList<SiteReport> Report => _report;

    internal void Number(MethodEditor method, string name)
    {
        int ordinal = 0;
        foreach (PendingSite site in method.MethodSites.Concat(method.Instructions.SelectMany(method.SitesAt)))
        {
            int number = -1;
            if (site.Load is { } load)
            {
                number = _sites.Count;
                load.Operand = number;
                _sites.Add(new Site(name, ordinal++, site.Operation, site.File, site.Line) { Location = site.Location });
                _traits.Add(site.Traits);
            }

            _report.Add(new SiteReport(site.Outcome, name, site.File, site.Line, site.Member, site.Reason, number));
        }
    }
}
