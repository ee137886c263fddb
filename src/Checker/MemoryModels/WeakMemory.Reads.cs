using System.Runtime.CompilerServices;

namespace Verify.Checker.MemoryModels;

/// <content>Reads: the newest write at some instant not before the thread's read view.</content>
public sealed partial class WeakMemory<TStore>
{
    /// <summary>A read of 1 to 8 bytes.</summary>
    /// <param name="thread">The reading thread.</param>
    /// <param name="address">Where.</param>
    /// <param name="size">Bytes, 1 to 8. Not a power of two or misaligned: not atomic, read in pieces.</param>
    /// <param name="kind">How; <see cref="AccessKind.Reference"/> if the result is a reference.</param>
    /// <param name="site">The caller's number for the place in the code.</param>
    /// <param name="dependency">Which earlier reads the address depends on.</param>
    /// <param name="owner">Handle of the object the location is a field of, 0 for none; for the observer.</param>
    /// <returns>The value, zero-extended.</returns>
    public ulong Read(
        int thread, nuint address, int size, AccessKind kind, int site, DependencyHint dependency = default, nuint owner = 0)
    {
        return IsAtomic(address, size)
            ? ReadCell(thread, address, size, kind, site, dependency, owner)
            : ReadPieces(thread, address, size, kind, site, dependency, owner);
    }

    private ulong ReadPieces(int thread, nuint address, int size, AccessKind kind, int site, DependencyHint dependency, nuint owner)
    {
        // Each piece is a plain access (ECMA-335 I.12.6.6), whatever the whole was declared to be.
        kind = (kind & AccessKind.HeapInstance) | AccessKind.Piece;
        ulong value = 0;
        foreach ((nuint piece, int length) in new AccessPieces(address, size))
            value |= ReadCell(thread, piece, length, kind, site, dependency, owner) << (int)(8 * (piece - address));
        return value;
    }

    private ulong ReadCell(int thread, nuint address, int size, AccessKind kind, int site, DependencyHint dependency, nuint owner)
    {
        int cell = Locate(address, size, kind);
        ref Location location = ref _table[cell];
        int index = location.Newest;
        if (_ordered)
        {
            ref ThreadView view = ref ViewOf(thread);
            ulong bit = SeenBit(thread);
            long floor = Math.Max(Math.Max(view.ReadView, dependency.Floor(view)), _now - _horizon);
            ref Message newest = ref _messages[index];
            if (newest.Time > floor && (newest.Seen & bit) == 0 && newest.Older >= 0)
                index = ChooseMessage(thread, index, floor, bit, site);
            Perform(ref view, thread, index, floor, kind, location.AppendOnly);
            Watch?.OnRead(thread, site, LastAccessTime, MarkOf(index), MarkOf(location.Newest));
        }

        _observer?.OnRead(thread, cell, BytesOf(address, size), index, kind, site, owner);
        ref Message read = ref _messages[index];
        return location.Size == size ? read.Value : Extract(read.Value, location.Address, address, size);
    }

    /// <summary>Performs the read of a message at the smallest admissible instant: smaller is never worse for later freedom.</summary>
    private void Perform(ref ThreadView view, int thread, int index, long floor, AccessKind kind, bool appendOnly)
    {
        ref Message message = ref _messages[index];
        long time;
        if (message.Time > floor && message.Writer == thread && !appendOnly)
        {
            // Forwarded from the own write before it takes effect; it must not raise the view to the write's time (n6, SB+rfi).
            time = Math.Max(floor, message.ValueView);
        }
        else
        {
            time = Math.Max(floor, message.Time);
            message.ReadTime = Math.Max(message.ReadTime, time);
        }

        message.Seen |= SeenBit(thread);
        view.LastRead = Math.Max(view.LastRead, time);
        if (_everyReadAcquires || (kind & AccessKind.Volatile) != 0)
            view.ReadView = Math.Max(view.ReadView, time);
        if ((kind & (AccessKind.Reference | AccessKind.Pointer)) != 0)
            view.AddressView = Math.Max(view.AddressView, time);
        LastAccessTime = time;
    }

    /// <summary>Asks which of at least two admissible messages a read returns.</summary>
    private int ChooseMessage(int thread, int newest, long floor, ulong bit, int site)
    {
        int candidates = 0;
        int matured = -1;
        int last = newest;
        for (int index = newest; index >= 0; index = _messages[index].Older)
        {
            ref Message message = ref _messages[index];
            if (matured < 0 && message.Time <= _now)
                matured = candidates;
            candidates++;
            last = index;
            if (EndsCandidates(ref message, floor, bit))
                break;
        }

        ref ThreadView view = ref _views[thread];
        if (view.StaleStreak >= _options.StaleBound && (_messages[last].Seen & bit) != 0)
        {
            view.StaleStreak = 0;
            return newest;
        }

        int fallback = matured < 0 ? candidates - 1 : matured;
        int chosen = Nth(newest, FromNewest(_choices.ReadFrom(thread, candidates, site), fallback));
        view.StaleStreak = (_messages[chosen].Seen & bit) != 0 ? view.StaleStreak + 1 : 0;
        return chosen;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool EndsCandidates(ref Message message, long floor, ulong bit) => message.Time <= floor || (message.Seen & bit) != 0;

    /// <summary>Answer 0 is the default; the others keep their order, from new to old.</summary>
    private static int FromNewest(int answer, int fallback) => answer == 0 ? fallback : answer <= fallback ? answer - 1 : answer;

    private int Nth(int newest, int n)
    {
        int index = newest;
        for (; n > 0; n--)
            index = _messages[index].Older;
        return index;
    }

    private static ulong Extract(ulong value, nuint cell, nuint address, int size) => (value >> (int)(8 * (address - cell))) & Mask(size);
}
