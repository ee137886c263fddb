using Verify.Engine.Dirty;

namespace Verify.Tests.Unit.Dirty;

/// <summary>What dirty memory means, one boolean per page and client: the model every design is held to.</summary>
internal sealed class ReferenceDirtyMemory(long pages, DirtyClients enabled)
{
    private readonly List<bool>[] _dirty = [.. Enumerable.Range(0, DirtyClientSets.Count).Select(_ => Enumerable.Repeat(false, (int)pages).ToList())];

    public DirtyClients Enabled { get; private set; } = enabled;

    public long PageCount => _dirty[0].Count;

    public bool AnyDirtyAtAll => Clients(Enabled).Any(c => _dirty[(int)c].Contains(true));

    public bool Get(long page, DirtyClient client) => !Enabled.Includes(client) || _dirty[(int)client][(int)page];

    public DirtyClients Flags(long page) => Clients(DirtyClients.All).Where(c => Get(page, c)).Aggregate(DirtyClients.None, (f, c) => f | c.ToSet());

    public bool Any(PageRange range, DirtyClient client) => Pages(range).Any(p => Get(p, client));

    public bool AllOf(PageRange range, DirtyClient client) => Pages(range).All(p => Get(p, client));

    public long DirtyRun(PageRange range, DirtyClients clients) => Pages(range).TakeWhile(p => (Flags(p) & clients) != 0).LongCount();

    public long CleanRun(PageRange range, DirtyClients clients) => Pages(range).TakeWhile(p => (Flags(p) & clients) == 0).LongCount();

    public List<long> Collect(PageRange range, int max, DirtyClients clients) => [.. Pages(range).Where(p => (Flags(p) & clients) != 0).Take(max)];

    public void Set(PageRange range, DirtyClients clients)
    {
        foreach (DirtyClient c in Clients(clients & Enabled))
        {
            foreach (long page in Pages(range))
                _dirty[(int)c][(int)page] = true;
        }
    }

    /// <summary>Clears and returns the pages that were dirty; for a client that is not enabled, all of them, and clears nothing.</summary>
    public List<long> Clear(PageRange range, DirtyClient client)
    {
        List<long> dirty = [.. Pages(range).Where(p => Get(p, client))];
        if (Enabled.Includes(client))
            dirty.ForEach(p => _dirty[(int)client][(int)p] = false);
        return dirty;
    }

    public void Extend(long pages)
    {
        foreach (List<bool> client in _dirty)
        {
            while (client.Count < pages)
                client.Add(false);
        }
    }

    public void Enable(DirtyClient client)
    {
        if (Enabled.Includes(client))
            return;
        Enabled |= client.ToSet();
        Set(new PageRange(0, PageCount), client.ToSet());
    }

    public void Drop(DirtyClient client) => Enabled &= ~client.ToSet();

    private static IEnumerable<long> Pages(PageRange range)
    {
        for (long page = range.Start; page < range.End; page++)
            yield return page;
    }

    private static IEnumerable<DirtyClient> Clients(DirtyClients clients) => Enum.GetValues<DirtyClient>().Where(c => clients.Includes(c));
}
