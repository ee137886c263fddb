using System.Runtime.CompilerServices;
using Verify.Checker.MemoryModels;
using Verify.Checker.Races;

namespace Verify.Checker.Runtime;

/// <summary>The memory of controlled executions under a memory model, or watched for data races: rewritten accesses go through it.</summary>
/// <remarks>
/// A location is known by its address. Objects may move at a garbage collection, so every access compares the count of collections with that at
/// the start of the execution, while its own object is pinned; if it has grown, the execution is given up and run again
/// (docs/decisions/0001-location-identity.md). Used by the baton holder only; one for all executions of a run.
/// </remarks>
internal sealed unsafe partial class ModelledMemory
{
    private readonly WeakMemory<HostMemory> _machine;
    private readonly ObjectTable _objects = new();
    private readonly ObjectExtents _extents;
    private readonly RaceDetector? _races;
    private Execution _execution = null!; // of the execution under way
    private int _collections;

    /// <param name="options">Model and race detection.</param>
    /// <param name="trackStates">Whether states are to be compared.</param>
    internal ModelledMemory(MemoryOptions options, bool trackStates = false)
    {
        Options = options;
        _extents = new ObjectExtents(_objects);
        _races = options.Races == RaceMode.Off ? null : new RaceDetector(OnRace, OwnerOf);
        States = trackStates ? new StateTracker() : null;
        IAccessObserver? observer = _races is null ? States : States is null ? _races : new ObserverPair(_races, States);
        _machine = new WeakMemory<HostMemory>(new HostMemory(_objects), options.Machine, new ExecutionChoices(this), observer);
        States?.Watch(_machine);
    }

    internal MemoryOptions Options { get; }

    /// <summary>Told at what times accesses are performed.</summary>
    internal IMemoryWatch? Watch
    {
        set => _machine.Watch = value;
    }

    /// <summary>A barrier before every access of a thread at a site, to see what it would change; null for none.</summary>
    internal (int Thread, int Site, FenceKind Kind)? Supposed { get; set; }

    /// <summary>Lines written since it was set, by the start of their object or block and their number in it; null where they are not counted.</summary>
    internal HashSet<(nuint Start, nuint Line)>? Written { get; set; }

    /// <summary>Compares states of executions, if asked for.</summary>
    internal StateTracker? States { get; }

    internal void Begin(Execution execution)
    {
        _machine.Reset();
        _objects.Clear();
        _extents.Clear();
        _execution = execution;
        _found.Clear();
        _collections = GC.CollectionCount(0);
    }

    /// <summary>Lets go of the objects of the last execution.</summary>
    internal void End() => _objects.Clear();

    internal T Read<T>(ControlledThread self, ref readonly T location, AccessKind kind, int site)
    {
        ref byte first = ref Unsafe.As<T, byte>(ref Unsafe.AsRef(in location));
        _ = Volatile.Read(ref first); // a null reference throws here, as it would have
        fixed (byte* at = &first)
        {
            if (self.IsOnOwnStack(at))
            {
                return location;
            }

            CheckNothingMoved(self);
            Prepare(self, site);

            SiteTraits traits = SiteTable.Traits(site);
            kind |= Heap(traits);
            DependencyHint dependency = Dependency(traits);
            if (!typeof(T).IsValueType)
            {
                ulong number = _machine.Read(self.Id, (nuint)at, sizeof(nuint), kind | AccessKind.Reference, site, dependency);
                object? o = _objects[number];
                return Unsafe.As<object?, T>(ref o);
            }

            if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Unsafe.SizeOf<T>() <= 8)
            {
                if (typeof(T) == typeof(nint) || typeof(T) == typeof(nuint))
                {
                    kind |= AccessKind.Pointer;
                }

                ulong value = _machine.Read(self.Id, (nuint)at, Unsafe.SizeOf<T>(), kind, site, dependency);
                return Unsafe.As<ulong, T>(ref value);
            }

            return ReadParts<T>(self, at, kind, site, dependency);
        }
    }

    internal void Write<T>(ControlledThread self, ref T location, T value, AccessKind kind, int site)
    {
        ref byte first = ref Unsafe.As<T, byte>(ref location);
        _ = Volatile.Read(ref first);
        fixed (byte* at = &first)
        {
            if (self.IsOnOwnStack(at))
            {
                location = value;
                return;
            }

            CheckNothingMoved(self);
            Prepare(self, site);

            if (Written is not null)
            {
                NoteWritten((nuint)at, (nuint)Unsafe.SizeOf<T>());
            }

            SiteTraits traits = SiteTable.Traits(site);
            kind |= Heap(traits);
            DependencyHint dependency = (traits & SiteTraits.ConstantValue) != 0 ? DependencyHint.None : DependencyHint.AllReads;
            if (!typeof(T).IsValueType)
            {
                ulong number = _objects.NumberOf(Unsafe.As<T, object?>(ref value));
                _machine.Write(
                    self.Id, (nuint)at, sizeof(nuint), number, kind | AccessKind.Reference, site, dependency, DependencyHint.AllReads);
            }
            else if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Unsafe.SizeOf<T>() <= 8)
            {
                _machine.Write(self.Id, (nuint)at, Unsafe.SizeOf<T>(), Bits(value), kind, site, dependency, DependencyHint.AllReads);
            }
            else
            {
                WriteParts(self, at, ref value, kind, site, dependency);
            }
        }
    }

    internal void Fence(ControlledThread self, FenceKind kind) => _machine.Fence(self.Id, kind);

    internal void Acquire(ControlledThread self, int sync) => _machine.Acquire(self.Id, sync);

    internal void Release(ControlledThread self, int sync) => _machine.Release(self.Id, sync);

    internal void Start(ControlledThread parent, ControlledThread child) => _machine.StartThread(parent.Id, child.Id);

    internal void Join(ControlledThread waiter, ControlledThread child) => _machine.JoinThread(waiter.Id, child.Id);

    /// <summary>Memory that is handed out, or taken back and overwritten, has no past.</summary>
    internal void Forget(void* block, nuint size) => _machine.Forget((nuint)block, size);

    private static AccessKind Heap(SiteTraits traits) =>
        (traits & (SiteTraits.Static | SiteTraits.Pointer)) != 0 ? AccessKind.Plain : AccessKind.HeapInstance;

    // What is reached through a reference or a pointer depends on the read of that; an unknown index or address on any earlier read.
    private static DependencyHint Dependency(SiteTraits traits) =>
        (traits & SiteTraits.Static) != 0 ? DependencyHint.None
        : (traits & (SiteTraits.Field | SiteTraits.FixedOffset)) != 0 ? DependencyHint.Address
        : DependencyHint.AllReads;

    private static ulong Bits<T>(T value)
    {
        ulong bits = 0;
        Unsafe.As<ulong, T>(ref bits) = value; // little-endian, as every platform .NET runs on
        return bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckNothingMoved(ControlledThread self)
    {
        if (GC.CollectionCount(0) != _collections)
        {
            throw _execution.Disturb(self);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Prepare(ControlledThread self, int site)
    {
        if (_watched is not null)
        {
            CaptureIfWatched(self.Id, site);
        }

        if (Supposed is { } fence && fence.Thread == self.Id && fence.Site == site)
        {
            _machine.Fence(self.Id, fence.Kind);
        }
    }

    // Larger than a word, or with references in it: word by word, each an access of its own, in ascending order.
    private T ReadParts<T>(ControlledThread self, byte* at, AccessKind kind, int site, DependencyHint dependency)
    {
        T result = default!;
        ref byte into = ref Unsafe.As<T, byte>(ref result);
        kind = (kind & ~AccessKind.Volatile) | AccessKind.Piece;
        int done = 0;
        foreach (int reference in WordLayout<T>.References)
        {
            ReadBytes(done, reference);
            ulong number = _machine.Read(self.Id, (nuint)(at + reference), sizeof(nuint), kind | AccessKind.Reference, site, dependency);
            Unsafe.As<byte, object?>(ref Unsafe.Add(ref into, reference)) = _objects[number];
            done = reference + sizeof(nuint);
        }

        ReadBytes(done, Unsafe.SizeOf<T>());
        return result;

        void ReadBytes(int from, int to)
        {
            ref byte target = ref Unsafe.As<T, byte>(ref result);
            foreach ((nuint piece, int size) in new AccessPieces((nuint)at + (nuint)from, to - from))
            {
                ulong value = _machine.Read(self.Id, piece, size, kind, site, dependency);
                Unsafe.CopyBlockUnaligned(
                    ref Unsafe.Add(ref target, (nint)(piece - (nuint)at)), ref Unsafe.As<ulong, byte>(ref value), (uint)size);
            }
        }
    }

    private void WriteParts<T>(ControlledThread self, byte* at, ref T value, AccessKind kind, int site, DependencyHint dependency)
    {
        kind = (kind & ~AccessKind.Volatile) | AccessKind.Piece;
        ref byte from = ref Unsafe.As<T, byte>(ref value);
        int done = 0;
        foreach (int reference in WordLayout<T>.References)
        {
            WriteBytes(ref from, done, reference);
            ulong number = _objects.NumberOf(Unsafe.As<byte, object?>(ref Unsafe.Add(ref from, reference)));
            _machine.Write(
                self.Id,
                (nuint)(at + reference),
                sizeof(nuint),
                number,
                kind | AccessKind.Reference,
                site,
                dependency,
                DependencyHint.AllReads);
            done = reference + sizeof(nuint);
        }

        WriteBytes(ref from, done, Unsafe.SizeOf<T>());

        void WriteBytes(ref byte source, int begin, int end)
        {
            foreach ((nuint piece, int size) in new AccessPieces((nuint)at + (nuint)begin, end - begin))
            {
                ulong bits = 0;
                Unsafe.CopyBlockUnaligned(
                    ref Unsafe.As<ulong, byte>(ref bits), ref Unsafe.Add(ref source, (nint)(piece - (nuint)at)), (uint)size);
                _machine.Write(self.Id, piece, size, bits, kind, site, dependency, DependencyHint.AllReads);
            }
        }
    }

    private nuint OwnerOf(int location) => (nuint)_extents.Find(_machine.LocationAt(location).Address);

    /// <summary>The machine's questions are decisions of the execution.</summary>
    private sealed class ExecutionChoices(ModelledMemory memory) : IWeakChoices
    {
        public int ReadFrom(int thread, int candidates, int site) =>
            memory._execution.ChooseWeak(OperationKind.ReadFrom, thread, candidates, site);

        public int Place(int thread, int slots, int site) => memory._execution.ChooseWeak(OperationKind.Place, thread, slots, site);
    }
}
