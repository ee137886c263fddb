namespace Verify.Checker.Runtime;

/// <summary>The events of the execution under way and their digest. The buffer is reused, so memory is bounded by the longest execution.</summary>
internal sealed class StepLog
{
    private Step[] _steps = new Step[1024];
    private nuint[] _addresses = new nuint[1024];

    internal int Count { get; private set; }

    /// <summary>Hash of the events so far by stable names: equal for equal event sequences, in every process.</summary>
    internal ulong Digest { get; private set; } = Fnv.Offset;

    internal ReadOnlySpan<Step> Steps => _steps.AsSpan(0, Count);

    /// <summary>What each event was about, as in <see cref="PendingOperation.Address"/>; of no meaning outside the execution.</summary>
    internal ReadOnlySpan<nuint> Addresses => _addresses.AsSpan(0, Count);

    internal void Clear()
    {
        Count = 0;
        Digest = Fnv.Offset;
    }

    internal void Add(in Step step, nuint address = 0)
    {
        if (Count == _steps.Length)
        {
            Array.Resize(ref _steps, Count * 2);
            Array.Resize(ref _addresses, Count * 2);
        }

        _addresses[Count] = address;
        _steps[Count++] = step;
        Digest = Mix(Digest, step, SiteTable.StableId(step.Site));
    }

    /// <summary>The digest of a sequence extended by one event.</summary>
    internal static ulong Mix(ulong digest, in Step step, ulong siteId) =>
        Fnv.Mix(digest, siteId ^ ((ulong)(uint)step.Thread << 40) ^ ((ulong)step.Kind << 56) ^ (uint)step.Value);
}
