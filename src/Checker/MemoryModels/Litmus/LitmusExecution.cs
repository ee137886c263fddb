namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>One run of a litmus program over the machine; which thread goes next is the caller's choice.</summary>
internal sealed class LitmusExecution
{
    private const int Word = 8;
    private const long NoReference = -1;  // what a read through a register without a reference gives

    private readonly byte[] _memory;
    private readonly int[] _firstSite;
    private readonly int[] _lockOwner;
    private readonly int[] _lockDepth;
    private readonly bool[] _waitsForStart;

    internal LitmusExecution(LitmusTest test, MemoryModelOptions options, IWeakChoices choices)
    {
        Test = test;
        _memory = new byte[Word * test.Locations.Count];
        Machine = new WeakMemory<ArrayMemory>(new ArrayMemory(_memory), options, choices);
        Threads = [.. test.Threads.Select(t => new LitmusThreadState(t))];
        _firstSite = new int[Threads.Length];
        for (int t = 1; t < Threads.Length; t++)
            _firstSite[t] = _firstSite[t - 1] + test.Threads[t - 1].Operations.Count;
        _lockOwner = new int[test.Locks.Count];
        _lockDepth = new int[test.Locks.Count];
        _waitsForStart = new bool[Threads.Length];
        foreach (LitmusOperation operation in test.Threads.SelectMany(t => t.Operations))
        {
            if (operation.Opcode == LitmusOpcode.START)
                _waitsForStart[operation.Target] = true;
        }
    }

    internal LitmusTest Test { get; }

    internal WeakMemory<ArrayMemory> Machine { get; }

    internal LitmusThreadState[] Threads { get; }

    internal ReadOnlySpan<int> LockOwners => _lockOwner;

    internal ReadOnlySpan<int> LockDepths => _lockDepth;

    internal static nuint AddressOf(int location) => (nuint)(Word * location);

    /// <summary>Final value of a location: its newest write in coherence order, which is what memory holds.</summary>
    internal long ValueOf(int location) => BitConverter.ToInt64(_memory, Word * location);

    internal void Begin()
    {
        for (int location = 0; location < Test.Locations.Count; location++)
            BitConverter.TryWriteBytes(_memory.AsSpan(Word * location), Test.Initial[location]);
        Machine.Reset();
        Array.Fill(_lockOwner, -1);
        Array.Clear(_lockDepth);
        for (int t = 0; t < Threads.Length; t++)
            Threads[t].Clear(started: !_waitsForStart[t]);

        for (int t = 0; t < Threads.Length; t++)
            RunLocal(t);
    }

    /// <summary>The threads that can go next, in ascending order.</summary>
    internal int Enabled(Span<int> threads)
    {
        int count = 0;
        for (int t = 0; t < Threads.Length; t++)
        {
            if (IsEnabled(t))
                threads[count++] = t;
        }

        return count;
    }

    /// <summary>With no thread enabled: whether all ended, or some are blocked for ever.</summary>
    internal bool IsComplete => Threads.All(t => !t.Started || t.Ended);

    /// <summary>
    /// Runs the thread's next operation and the local ones behind it: those commute with all that other threads do, so no
    /// other order of them is worth a schedule.
    /// </summary>
    internal void Step(int thread)
    {
        Run(thread, Threads[thread].Next);
        RunLocal(thread);
    }

    /// <summary>The location the thread reads next; -1 if its next operation is not a mere read.</summary>
    internal int NextRead(int thread)
    {
        LitmusOperation next = Threads[thread].Next;
        return next.Opcode switch
        {
            LitmusOpcode.R => next.Location,
            LitmusOpcode.RD => LitmusTest.Referent(Threads[thread].Register[next.Base]),
            _ => -1,
        };
    }

    private bool IsEnabled(int thread)
    {
        LitmusThreadState state = Threads[thread];
        if (!state.Started || state.Ended)
            return false;
        LitmusOperation next = state.Next;
        return next.Opcode switch
        {
            LitmusOpcode.LOCK => _lockOwner[next.Target] < 0 || _lockOwner[next.Target] == thread,
            LitmusOpcode.JOIN => Threads[next.Target].Started && Threads[next.Target].Ended,
            _ => true,
        };
    }

    private void RunLocal(int thread)
    {
        LitmusThreadState state = Threads[thread];
        while (state.Started && !state.Ended && state.Next.IsLocal)
            Run(thread, state.Next);
    }

    private void Run(int thread, LitmusOperation op)
    {
        LitmusThreadState state = Threads[thread];
        int site = _firstSite[thread] + state.Position;
        state.Position++;
        switch (op.Opcode)
        {
            case LitmusOpcode.R:
                Read(thread, op, op.Location, DependencyHint.None, site);
                break;
            case LitmusOpcode.RD:
                state.Control = Math.Max(state.Control, state.Dependency[op.Base]);
                if (LitmusTest.Referent(state.Register[op.Base]) is var target and >= 0)
                    Read(thread, op, target, DependencyHint.At(state.Dependency[op.Base]), site);
                else
                    state.Set(op.Register, NoReference, state.Dependency[op.Base]);
                break;
            case LitmusOpcode.W:
                Write(thread, op, op.Location, site);
                break;
            case LitmusOpcode.WD:
                state.Control = Math.Max(state.Control, state.Dependency[op.Base]);
                if (LitmusTest.Referent(state.Register[op.Base]) is var written and >= 0)
                    Write(thread, op, written, site);
                break;
            case LitmusOpcode.XCHG or LitmusOpcode.ADD or LitmusOpcode.CAS:
                Interlock(thread, op, site);
                break;
            case LitmusOpcode.MB:
                Machine.Fence(thread, FenceKind.Full);
                break;
            case LitmusOpcode.RB:
                Machine.Fence(thread, FenceKind.Read);
                break;
            case LitmusOpcode.WB:
                Machine.Fence(thread, FenceKind.Write);
                break;
            case LitmusOpcode.PWB:
                Machine.Fence(thread, FenceKind.ProcessWide);
                break;
            case LitmusOpcode.LOCK:
                _lockOwner[op.Target] = thread;
                if (_lockDepth[op.Target]++ == 0)
                    Machine.Acquire(thread, op.Target);
                break;
            case LitmusOpcode.UNLOCK:
                if (--_lockDepth[op.Target] == 0)
                {
                    _lockOwner[op.Target] = -1;
                    Machine.Release(thread, op.Target);
                }

                break;
            case LitmusOpcode.START:
                Machine.StartThread(thread, op.Target);
                Threads[op.Target].Started = true;
                RunLocal(op.Target);
                break;
            case LitmusOpcode.JOIN:
                Machine.JoinThread(thread, op.Target);
                break;
            case LitmusOpcode.BNE:
                state.Control = Math.Max(state.Control, state.Dependency[op.Register]);
                if (state.Register[op.Register] != state.Value(op.Value))
                    state.Position = state.Program.Operations.Count;
                break;
        }
    }

    private AccessKind Kind(int location, LitmusOperation op) =>
        (op.Volatile ? AccessKind.Volatile : AccessKind.Plain)
        | (op.Reference ? AccessKind.Reference : AccessKind.Plain)
        | (Test.Objects.Contains(location) ? AccessKind.HeapInstance : AccessKind.Plain);

    private void Read(int thread, LitmusOperation op, int location, DependencyHint dependency, int site)
    {
        ulong value = Machine.Read(thread, AddressOf(location), Word, Kind(location, op), site, dependency);
        Threads[thread].Set(op.Register, (long)value, Machine.LastAccessTime);
    }

    private void Write(int thread, LitmusOperation op, int location, int site)
    {
        LitmusThreadState state = Threads[thread];
        long dependency = op.Value.Register >= 0 ? state.Dependency[op.Value.Register] : 0;
        Machine.Write(
            thread,
            AddressOf(location),
            Word,
            (ulong)state.Value(op.Value),
            Kind(location, op),
            site,
            DependencyHint.At(dependency),
            DependencyHint.At(Math.Max(dependency, state.Control)));
    }

    private void Interlock(int thread, LitmusOperation op, int site)
    {
        LitmusThreadState state = Threads[thread];
        nuint address = AddressOf(op.Location);
        AccessKind kind = Kind(op.Location, op);
        ulong value = (ulong)state.Value(op.Value);
        ulong old = op.Opcode switch
        {
            LitmusOpcode.XCHG => Machine.Exchange(thread, address, Word, value, kind, site),
            LitmusOpcode.ADD => Machine.Add(thread, address, Word, value, kind, site),
            _ => Machine.CompareExchange(thread, address, Word, value, (ulong)state.Value(op.Comparand), kind, site),
        };
        state.Set(op.Register, (long)old, Machine.LastAccessTime);
    }
}
