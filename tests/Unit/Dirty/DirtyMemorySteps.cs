using Verify.Engine.Dirty;

namespace Verify.Tests.Unit.Dirty;

/// <summary>One random operation; numbers are reduced to whatever is in range when it is applied, so that every shrunk sequence is valid.</summary>
public readonly record struct Step(byte Kind, ushort A, ushort B, byte C);

/// <summary>Applies steps to a design and to the reference and compares every answer, re-arm and notification.</summary>
/// <remarks>A failure's message lists the operations as they were applied, so that a shrunk sequence can be read.</remarks>
internal sealed class DirtyMemorySteps : IDisposable
{
    private const int MaxPages = 700;

    private readonly RecordingTlb _tlb = new();
    private readonly RecordingListener _listener = new();
    private readonly IDirtyMemoryDesign _design;
    private readonly IDirtyMemory _memory;
    private readonly ReferenceDirtyMemory _reference;
    private readonly ulong[] _destination = new ulong[MaxPages / 64 + 2];
    private readonly HashSet<long> _expectedDestination = [];
    private readonly List<string> _applied = [];
    private readonly long _blockPages;

    public DirtyMemorySteps(Func<DirtyMemoryOptions, IDirtyMemoryDesign> make, long pages, long blockPages, int denseWords)
    {
        _blockPages = blockPages;
        _design = make(new DirtyMemoryOptions
        {
            Pages = pages,
            MaxPages = MaxPages,
            BlockPages = blockPages,
            DenseWords = denseWords,
            Tlb = _tlb,
            Listener = _listener,
        });
        _memory = _design.Attach();
        _reference = new ReferenceDirtyMemory(pages, DirtyClients.All);
    }

    /// <summary>What the sequence has reached, and how often.</summary>
    public Dictionary<string, int> Reached { get; } = [];

    public void Run(IEnumerable<Step> steps)
    {
        int n = 0;
        try
        {
            foreach (Step step in steps)
            {
                _tlb.Ranges.Clear();
                _listener.Ranges.Clear();
                Apply(step);
                if (++n % 16 == 0)
                    CompareAll();
            }
            CompareAll();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{e.Message}\nafter\n  {string.Join("\n  ", _applied)}", e);
        }
    }

    public void Dispose()
    {
        _memory.Detach();
        _design.Dispose();
    }

    private void Apply(Step s)
    {
        DirtyClient client = (DirtyClient)(s.C % 3);
        DirtyClients clients = (DirtyClients)(s.C / 3 % 8);
        long pages = _reference.PageCount;
        PageRange range = RangeOf(s, pages);
        long page = pages == 0 ? 0 : s.A % pages;
        Note(s, range, page, client, clients, pages);
        switch (s.Kind % 20)
        {
            case 0 when pages > 0:
                _memory.SetDirty(page);
                _reference.Set(new PageRange(page, 1), DirtyClients.All);
                break;
            case 1 when pages > 0:
                _memory.SetDirty(page, client);
                _reference.Set(new PageRange(page, 1), client.ToSet());
                break;
            case 2 when pages > 0:
                _reference.Set(new PageRange(page, 1), clients);
                DirtyClients flags = _memory.SetDirtyFlags(page, clients);
                Assert.Equal(_reference.Flags(page), flags);
                break;
            case 3:
                _memory.SetDirtyRange(range, clients);
                _reference.Set(range, clients);
                Assert.Equal(range.Count == 0 ? [] : [new ByteRange(range.Start * 4096, range.Count * 4096)], _listener.Ranges);
                break;
            case 4 when pages > 0:
                SetWord(page & ~63L, s, clients);
                break;
            case 5:
                _memory.ClearDirtyRange(range, clients);
                ClearReference(range, clients);
                Assert.Empty(_tlb.Ranges);
                break;
            case 6:
                _memory.ResetDirty(range, clients);
                ClearReference(range, clients);
                Assert.Equal(range.Count == 0 ? [] : [range], _tlb.Ranges);
                break;
            case 7 or 8:
                bool any = _memory.TestAndClearDirty(range, client);
                bool enabled = _reference.Enabled.Includes(client);
                Assert.Equal(_reference.Clear(range, client).Count != 0, any);
                Assert.Equal(any && enabled ? [range] : [], _tlb.Ranges);
                break;
            case 9 or 10:
                Sync(range, client);
                break;
            case 11:
                Snapshot(range, client);
                break;
            case 12:
                Assert.Equal(_reference.Any(range, client), _memory.AnyDirty(range, client));
                Assert.Equal(_reference.AllOf(range, client), _memory.AllDirty(range, client));
                break;
            case 13:
                Assert.Equal(_reference.DirtyRun(range, clients), _memory.DirtyRun(range, clients));
                Assert.Equal(_reference.CleanRun(range, clients), _memory.CleanRun(range, clients));
                break;
            case 14:
                long[] found = new long[s.C % 40];
                int count = _memory.CollectDirty(range, found, clients);
                Assert.Equal(_reference.Collect(range, found.Length, clients), found[..count]);
                break;
            case 15:
                Assert.Equal(
                    Enum.GetValues<DirtyClient>().Where(c => clients.Includes(c) && !_reference.AllOf(range, c))
                        .Aggregate(DirtyClients.None, (f, c) => f | c.ToSet()),
                    _memory.RangeIncludesClean(range, clients));
                break;
            case 16:
                Merge(range, s, clients);
                break;
            case 17:
                _design.Extend(Grown(s, pages));
                _reference.Extend(Grown(s, pages));
                break;
            case 18:
                _design.Drop(client);
                _reference.Drop(client);
                if (s.A % 2 == 0)
                    _design.ReclaimDropped();
                break;
            case 19:
                _design.Enable(client);
                _reference.Enable(client);
                break;
        }
    }

    private void Note(Step s, PageRange range, long page, DirtyClient client, DirtyClients clients, long pages)
    {
        int kind = s.Kind % 20;
        string on = kind is 7 or 8 or 9 or 10 or 11 or 12 or 18 or 19 or 1 ? client.ToString() : clients.ToString();
        _applied.Add(kind switch
        {
            0 => $"{s_names[0]} {page}",
            1 or 2 => $"{s_names[kind]} {page} {on}",
            4 => $"{s_names[kind]} {page & ~63L} {on}",
            17 => $"{s_names[kind]} {pages} -> {Grown(s, pages)}",
            18 or 19 => $"{s_names[kind]} {on}",
            _ => $"{s_names[kind]} {range.Start}..{range.End} {on}",
        });
        Count(s_names[kind]);
        if (kind is 17)
            Count(Grown(s, pages) > pages && pages % _blockPages != 0 ? "growth within a block" : "growth at the edge of a block, or none");
        if (kind is 17 && Grown(s, pages) > pages && _reference.AnyDirtyAtAll)
            Count("growth of memory with dirty pages");
        if (kind is 19 && !_reference.Enabled.Includes(client))
            Count("a dropped client comes again");
        if (kind is 0 or 1 or 2 or 4 or 17 or 18 or 19)
            return;
        Count(range.Count == 0 ? "empty range" : range.Start % 64 != 0 ? "unaligned start" : "aligned start");
        if (range.Count == 0)
            return;
        if (range.End % _blockPages == 0)
            Count("end at the edge of a block");
        if (range.Start / _blockPages != (range.End - 1) / _blockPages)
            Count("range across blocks");
        if (range.Start % _blockPages == 0 && range.Count >= _blockPages)
            Count("whole block");
        if (range.End == pages && pages % 64 != 0)
            Count("end of memory inside a word");
    }

    private void Count(string what) => Reached[what] = Reached.GetValueOrDefault(what) + 1;

    private static long Grown(Step s, long pages) => Math.Max(0, Math.Min(MaxPages, pages + s.A % 150 - 20));

    private static readonly string[] s_names =
    [
        "SetDirty", "SetDirty", "SetDirtyFlags", "SetDirtyRange", "SetDirtyWord", "ClearDirtyRange", "ResetDirty", "TestAndClearDirty",
        "TestAndClearDirty", "SyncDirtyBitmap", "SyncDirtyBitmap", "SnapshotAndClearDirty", "AnyDirty", "DirtyRun", "CollectDirty",
        "RangeIncludesClean", "MergeDirtyLog", "Extend", "Drop", "Enable",
    ];

    // Starts and ends fall on, beside and across edges of words and blocks more often than chance would have it.
    private static PageRange RangeOf(Step s, long pages)
    {
        long start = s.A % (pages + 1), end = s.B % (pages + 1);
        if (s.C % 4 == 1)
            start &= ~63L;
        if (s.C % 4 == 2)
            end &= ~63L;
        if (s.C % 8 == 7)
            (start, end) = (start & ~63L, (end & ~63L) + 1 <= pages ? (end & ~63L) + 1 : end);
        return new PageRange(Math.Min(start, end), Math.Abs(end - start));
    }

    private void SetWord(long word, Step s, DirtyClients clients)
    {
        ulong mask = Scramble(s.B);
        for (int i = 0; i < 64; i++)
        {
            if (word + i >= _reference.PageCount)
                mask &= ~(1UL << i);
            else if ((mask >> i & 1) != 0)
                _reference.Set(new PageRange(word + i, 1), clients);
        }
        _memory.SetDirtyWord(word, mask, clients);
    }

    private void Sync(PageRange range, DirtyClient client)
    {
        long expectedNew = 0;
        bool enabled = _reference.Enabled.Includes(client);
        List<long> dirty = _reference.Clear(range, client);
        foreach (long page in dirty)
            expectedNew += _expectedDestination.Add(page - range.Start) ? 1 : 0;
        Assert.Equal(expectedNew, _memory.SyncDirtyBitmap(_destination, range, client));
        Assert.Equal(dirty.Count != 0 && enabled ? [range] : [], _tlb.Ranges);
        for (int i = 0; i < _destination.Length * 64; i++)
            Assert.Equal(_expectedDestination.Contains(i), (_destination[i / 64] >> i % 64 & 1) != 0);
    }

    private void Snapshot(PageRange range, DirtyClient client)
    {
        List<long> dirty = _reference.Clear(range, client);
        DirtySnapshot snapshot = _memory.SnapshotAndClearDirty(range, client);
        for (long page = range.Start; page < range.End; page++)
            Assert.Equal(dirty.Contains(page), snapshot.AnyDirty(new PageRange(page, 1)));
        if (range.Count != 0)
            Assert.Contains(range, _tlb.Ranges);
        Assert.All(_tlb.Ranges, r => Assert.Equal(range, r));
    }

    private void Merge(PageRange range, Step s, DirtyClients clients)
    {
        int pagesPerBit = 1 + s.Kind / 20 % 3;
        ulong[] log = [.. Enumerable.Range(0, (int)(range.Count / 64 + 1)).Select(i => i % 3 == 1 ? 0 : Scramble((ushort)(s.B + i)))];
        for (long i = 0; i < range.Count; i++)
        {
            long bit = i / pagesPerBit;
            if ((log[bit / 64] >> (int)(bit % 64) & 1) != 0)
                _reference.Set(new PageRange(range.Start + i, 1), clients);
        }
        _memory.MergeDirtyLog(log, range, pagesPerBit, clients);
        Assert.Equal(range.Count == 0 ? [] : [new ByteRange(range.Start * 4096, range.Count * 4096)], _listener.Ranges);
    }

    private void ClearReference(PageRange range, DirtyClients clients)
    {
        foreach (DirtyClient c in Enum.GetValues<DirtyClient>().Where(c => clients.Includes(c)))
            _reference.Clear(range, c);
    }

    private void CompareAll()
    {
        Assert.Equal(_reference.PageCount, _memory.PageCount);
        Assert.Equal(_reference.Enabled, _memory.EnabledClients);
        for (long page = 0; page < _reference.PageCount; page++)
        {
            DirtyClients expected = _reference.Flags(page);
            if (_memory.GetDirtyFlags(page) != expected)
                Assert.Fail($"page {page}: {_memory.GetDirtyFlags(page)} instead of {expected}");
            Assert.Equal(expected == DirtyClients.All, _memory.IsDirty(page));
            Assert.Equal(expected != DirtyClients.All, _memory.IsClean(page));
            Assert.Equal(_reference.Get(page, DirtyClient.Code), _memory.GetDirty(page, DirtyClient.Code));
        }
    }

    private static ulong Scramble(ushort n) => n % 5 == 0 ? ~0UL : (n + 1UL) * 0x9E37_79B9_7F4A_7C15UL;
}

internal sealed class RecordingTlb : ITlbRearm
{
    public List<PageRange> Ranges { get; } = [];

    public void ResetDirty(long startPage, long pageCount) => Ranges.Add(new PageRange(startPage, pageCount));
}

internal sealed class RecordingListener : IModifiedMemory
{
    public List<ByteRange> Ranges { get; } = [];

    public void Modified(ByteRange bytes) => Ranges.Add(bytes);
}
