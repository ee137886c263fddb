using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;

namespace Verify.Engine.Invalidation;

/// <summary>One strategy of a catalogue with the axes it is combined with: what to call it, what to expect, and how to make a machine that uses it.</summary>
/// <param name="Name">As named on a command line: lower case, with hyphens; a combination adds its axes after slashes.</param>
/// <param name="Summary">One line.</param>
/// <param name="Flush">The flush discipline it is meant for.</param>
/// <param name="Storage">The storage policy it is meant for.</param>
/// <param name="UnsoundBecause">
/// One line if, even so, a block may be patched that is not the one that ran, or a list of jumps be corrupted; otherwise null.
/// </param>
public abstract record InvalidationEntry(string Name, string Summary, FlushDiscipline Flush, TbStorage Storage, string? UnsoundBecause)
{
    public bool IsSound => UnsoundBecause == null;

    /// <summary>
    /// A sound patch is not all: with a flush that excludes nobody and recycles at once, a vCPU may execute a slot that was handed out again (TB05).
    /// </summary>
    public bool MayExecuteRecycled => Flush == FlushDiscipline.UnderTbLock && Storage == TbStorage.RecycledAtOnce;

    /// <summary>The strategy's own type.</summary>
    public abstract Type Strategy { get; }

    /// <summary>Makes a machine specialised for the strategy. Dispose it.</summary>
    /// <exception cref="ElfException">The image does not fit.</exception>
    public abstract Machine Create<TMemory, TAudit>(GuestImage image, MachineOptions options, TAudit audit = default)
        where TMemory : struct, IGuestMemory
        where TAudit : struct, IAudit;

    /// <summary>The same strategy under another protocol.</summary>
    public abstract InvalidationEntry With<TProtocol>(string name, string? unsoundBecause)
        where TProtocol : struct, IProtocol;

    /// <summary>An entry for a strategy from any assembly.</summary>
    public static InvalidationEntry Of<TInvalidation>(
        string name, string summary, TbStorage storage, string? unsoundBecause = null, FlushDiscipline flush = FlushDiscipline.UnderTbLock)
        where TInvalidation : struct, IInvalidationStrategy =>
        new Entry<TInvalidation, UpstreamProtocol>(name, summary, flush, storage, unsoundBecause);

    private sealed record Entry<TInvalidation, TProtocol>(string Name, string Summary, FlushDiscipline Flush, TbStorage Storage, string? UnsoundBecause)
        : InvalidationEntry(Name, Summary, Flush, Storage, UnsoundBecause)
        where TInvalidation : struct, IInvalidationStrategy
        where TProtocol : struct, IProtocol
    {
        public override Type Strategy => typeof(TInvalidation);

        public override Machine Create<TMemory, TAudit>(GuestImage image, MachineOptions options, TAudit audit = default) =>
            new Machine<TInvalidation, TMemory, TAudit, TProtocol>(image, options, options.Flush ?? Flush, options.Storage ?? Storage, audit);

        public override InvalidationEntry With<TOther>(string name, string? unsoundBecause) =>
            new Entry<TInvalidation, TOther>(name, Summary, Flush, Storage, unsoundBecause);
    }
}
