using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Engine.Invalidation;

/// <summary>One strategy of a catalogue: what to call it, what to expect of it, and how to make a machine that uses it.</summary>
/// <param name="Name">As named on a command line: lower case, with hyphens.</param>
/// <param name="Summary">One line.</param>
/// <param name="Storage">The storage policy it is meant for.</param>
/// <param name="UnsoundBecause">One line if it is unsound even with that storage, otherwise null.</param>
public abstract record InvalidationEntry(string Name, string Summary, TbStorage Storage, string? UnsoundBecause)
{
    public bool IsSound => UnsoundBecause == null;

    /// <summary>Makes a machine specialised for the strategy. Dispose it.</summary>
    /// <exception cref="ElfException">The image does not fit.</exception>
    public abstract Machine Create<TMemory, TAudit>(GuestImage image, MachineOptions options, TAudit audit = default)
        where TMemory : struct, IGuestMemory
        where TAudit : struct, IAudit;

    /// <summary>An entry for a strategy from any assembly.</summary>
    public static InvalidationEntry Of<TInvalidation>(string name, string summary, TbStorage storage, string? unsoundBecause = null)
        where TInvalidation : struct, IInvalidationStrategy => new Entry<TInvalidation>(name, summary, storage, unsoundBecause);

    private sealed record Entry<TInvalidation>(string Name, string Summary, TbStorage Storage, string? UnsoundBecause)
        : InvalidationEntry(Name, Summary, Storage, UnsoundBecause)
        where TInvalidation : struct, IInvalidationStrategy
    {
        public override Machine Create<TMemory, TAudit>(GuestImage image, MachineOptions options, TAudit audit = default) =>
            new Machine<TInvalidation, TMemory, TAudit>(image, options, options.Storage ?? Storage, audit);
    }
}
