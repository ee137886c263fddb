using Verify.Engine.Guest;

namespace Verify.Engine.Translation;

/// <summary>The lists of blocks by physical page, QEMU's <c>PageDesc</c>s. A list is read and changed by whoever holds the page's lock.</summary>
public sealed class PageTable
{
    private readonly GuestRam _ram;
    private readonly TbPage?[] _pages;              // each volatile; made on first use
    private readonly object _codePagesLock = new();
    private readonly List<int> _codePages = [];     // pages with the flag HasCode; under _codePagesLock

    public PageTable(GuestRam ram)
    {
        _ram = ram;
        _pages = new TbPage?[checked((int)ram.MaxPages)];
    }

    public int Count => _pages.Length;

    /// <summary>Puts the block on the lists of its pages, once on each (TB21), and announces nothing: the pages are marked already.</summary>
    public void Add(TranslationBlock tb, PageLocks held)
    {
        AddTo(0, tb, held);
        if (tb.Page1 >= 0 && tb.Page1 != tb.Page0)
        {
            AddTo(1, tb, held);
        }
    }

    /// <summary>Puts the block on the list of its first (0) or second (1) page only.</summary>
    public void AddTo(int n, TranslationBlock tb, PageLocks held) => held.Get(n == 0 ? tb.Page0 : tb.Page1).Add(tb, n);

    /// <summary>The blocks on the list of a page, for tests and invariants, while nothing runs.</summary>
    public IReadOnlyList<TranslationBlock> BlocksOn(int page) => [.. Page(page).Blocks()];

    /// <summary>Takes the block off the lists of its pages.</summary>
    public void Remove(TranslationBlock tb, PageLocks held)
    {
        held.Get(tb.Page0).Remove(tb, 0);
        if (tb.Page1 >= 0 && tb.Page1 != tb.Page0)
        {
            held.Get(tb.Page1).Remove(tb, 1);
        }
    }

    /// <summary>Announces that code of the page is about to be read for translation. See <see cref="GuestRam.MarkCode"/>.</summary>
    public void MarkCode(int page, PageLocks held)
    {
        held.Get(page);
        if (_ram.MarkCode(page))
        {
            lock (_codePagesLock)
            {
                _codePages.Add(page);
            }
        }
    }

    /// <summary>A store hit the page and no block is left on it: later stores need not look.</summary>
    public void ClearCodeIfEmpty(int page, PageLocks held)
    {
        if (!held.Get(page).IsEmpty)
        {
            return;
        }

        _ram.ClearCode(page);
        lock (_codePagesLock)
        {
            _codePages.Remove(page);
        }
    }

    /// <summary>Empties all lists, each under its lock. The cost does not grow with RAM.</summary>
    public void Reset()
    {
        int[] pages;
        lock (_codePagesLock)
        {
            pages = [.. _codePages];
            _codePages.Clear();
        }

        foreach (int page in pages)
        {
            TbPage of = Page(page);
            lock (of)
            {
                of.Clear();
                _ram.ClearCode(page);
            }
        }
    }

    /// <summary>Whether a block was ever put on the page's list.</summary>
    internal bool HasBlocks(int page) => Volatile.Read(ref _pages[page]) != null;

    internal TbPage Page(int number)
    {
        if (Volatile.Read(ref _pages[number]) is { } page)
        {
            return page;
        }

        page = new TbPage();
        return Interlocked.CompareExchange(ref _pages[number], page, null) ?? page;
    }
}

/// <summary>One page's blocks. The object is the page's lock.</summary>
internal sealed class TbPage
{
    private PageEntry _first; // under this

    internal bool IsEmpty => _first.Block == null;

    internal void Add(TranslationBlock tb, int n)
    {
        Next(tb, n) = _first;
        _first = new PageEntry(tb, n);
    }

    internal void Remove(TranslationBlock tb, int n)
    {
        ref PageEntry at = ref _first;
        while (at.Block != tb || at.N != n)
        {
            at = ref Next(
                at.Block ?? throw new BrokenLinkException($"{tb} is not on the list of page {(n == 0 ? tb.Page0 : tb.Page1)}, its page {n}"), at.N);
        }

        at = Next(tb, n);
    }

    internal void Clear() => _first = default;

    internal IEnumerable<TranslationBlock> Blocks()
    {
        PageEntry next;
        for (PageEntry at = _first; at.Block is { } tb; at = next)
        {
            next = Next(tb, at.N);
            yield return tb;
        }
    }

    private static ref PageEntry Next(TranslationBlock tb, int n) => ref n == 0 ? ref tb.NextInPage0 : ref tb.NextInPage1;
}
