namespace Verify.Checker.MemoryModels;

/// <summary>Which earlier reads of the thread an address or a value may depend on.</summary>
/// <remarks>
/// Exact register dependencies are rarely known on line. <see cref="Address"/> and <see cref="AllReads"/> are conservative:
/// they only remove behaviour.
/// </remarks>
public readonly struct DependencyHint
{
    private const long AddressCode = -1;
    private const long AllReadsCode = -2;  // whatever is below AddressCode

    private readonly long _code;

    private DependencyHint(long code) => _code = code;

    /// <summary>Depends on no read: a static field's address, a constant value.</summary>
    public static DependencyHint None => default;

    /// <summary>Reached through a reference: depends on the reads that returned references.</summary>
    public static DependencyHint Address => new(AddressCode);

    /// <summary>May depend on any earlier read: an index or pointer computed from memory, a value of unknown origin.</summary>
    public static DependencyHint AllReads => new(AllReadsCode);

    /// <summary>
    /// Depends on reads performed no later than <paramref name="time"/>, as <see cref="WeakMemory{TStore}.LastAccessTime"/> gave it.
    /// </summary>
    public static DependencyHint At(long time) => new(time);

    internal long Floor(in ThreadView view) => _code >= 0 ? _code : _code == AddressCode ? view.AddressView : view.LastRead;
}
