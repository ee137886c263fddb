using Verify.Checker.MemoryModels;

namespace Verify.Checker.Explanation;

/// <summary>The accesses of one execution in order, with the times at which they took effect, and which of them were answered weakly.</summary>
internal sealed class WeakTrace(IWeakChoices inner) : IWeakChoices, IMemoryWatch
{
    private readonly List<Access> _accesses = [];
    private bool _weak; // the access under way was answered weakly

    internal readonly record struct Access(int Thread, int Site, bool IsWrite, long Time, WriteMark Returned, WriteMark Newest, bool IsWeak)
    {
        /// <summary>A read that missed a newer write.</summary>
        internal bool IsStale => !IsWrite && Returned != Newest;
    }

    internal IReadOnlyList<Access> Accesses => _accesses;

    public int ReadFrom(int thread, int candidates, int site) => Note(inner.ReadFrom(thread, candidates, site));

    public int Place(int thread, int slots, int site) => Note(inner.Place(thread, slots, site));

    public void OnRead(int thread, int site, long time, WriteMark returned, WriteMark newest) =>
        Add(new Access(thread, site, IsWrite: false, time, returned, newest, _weak));

    public void OnWrite(int thread, int site, long time) => Add(new Access(thread, site, IsWrite: true, time, default, default, _weak));

    /// <summary>What the thread did before the access that its time puts after it, or after and before; null if there is nothing.</summary>
    internal Access? Overtaken(int access, bool writes)
    {
        Access later = _accesses[access];
        for (int i = access - 1; i >= 0; i--)
        {
            Access earlier = _accesses[i];
            if (earlier.Thread == later.Thread && earlier.IsWrite == writes && earlier.Time > later.Time)
                return earlier;
        }

        return null;
    }

    /// <summary>The first read after a write, by its thread, that was performed before it took effect.</summary>
    internal Access? OvertakingRead(int write) => Overtaking(write, _accesses.Count, static (a, _) => !a.IsWrite);

    /// <summary>
    /// The first write after a write, by its thread, that took effect before it and that another thread had read when some thread missed the first.
    /// One that nobody had seen by then is not why it was missed.
    /// </summary>
    internal Access? OvertakingWrite(int write) => Overtaking(write, MissingAt(write), (a, end) => a.IsWrite && WasRead(a, end));

    private Access? Overtaking(int write, int end, Func<Access, int, bool> counts)
    {
        Access earlier = _accesses[write];
        for (int i = write + 1; i < _accesses.Count; i++)
        {
            Access later = _accesses[i];
            if (later.Thread == earlier.Thread && later.Time < earlier.Time && counts(later, end))
                return later;
        }

        return null;
    }

    private bool WasRead(Access write, int end)
    {
        for (int i = 0; i < end; i++)
        {
            Access read = _accesses[i];
            if (!read.IsWrite && read.Thread != write.Thread && read.Returned == new WriteMark(write.Thread, write.Site, write.Time))
                return true;
        }

        return false;
    }

    /// <summary>The first read after a write that missed it.</summary>
    internal Access? Missing(int write) => MissingAt(write) is var at && at < _accesses.Count ? _accesses[at] : null;

    private int MissingAt(int write)
    {
        Access missed = _accesses[write];
        for (int i = write + 1; i < _accesses.Count; i++)
        {
            Access read = _accesses[i];
            if (read.IsStale && read.Newest.Site == missed.Site && read.Newest.Thread == missed.Thread && read.Newest.Time == missed.Time)
                return i;
        }

        return _accesses.Count;
    }

    private int Note(int answer)
    {
        _weak = answer != 0;
        return answer;
    }

    private void Add(Access access)
    {
        _accesses.Add(access);
        _weak = false;
    }
}
