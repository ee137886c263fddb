using Verify.Checker.MemoryModels.Litmus;

namespace Verify.Tests.Unit.MemoryModels;

/// <summary>
/// x86-TSO as Sewell et al. draw it (CACM 2010): memory, and a FIFO store buffer a thread that empties whenever it likes. With buffers of no
/// entries it is the plain interleaving machine. Written apart from the machine under test and sharing nothing with it but the program.
/// </summary>
internal sealed class StoreBufferMachine
{
    private readonly LitmusTest _test;
    private readonly bool _buffered;
    private readonly HashSet<string> _visited = [];
    private readonly SortedSet<string> _outcomes = new(StringComparer.Ordinal);

    private StoreBufferMachine(LitmusTest test, bool buffered)
    {
        _test = test;
        _buffered = buffered;
    }

    internal static IReadOnlySet<string> Outcomes(LitmusTest test, bool buffered)
    {
        StoreBufferMachine machine = new(test, buffered);
        int threads = test.Threads.Count;
        State start = new()
        {
            Memory = [.. test.Initial],
            Position = new int[threads],
            Registers = [.. test.Threads.Select(t => new long[t.Registers.Count])],
            Buffers = [.. Enumerable.Range(0, threads).Select(_ => new List<(int, long)>())],
            LockOwner = [.. test.Locks.Select(_ => -1)],
            LockDepth = new int[test.Locks.Count],
            Started = [.. Enumerable.Range(0, threads).Select(t => !test.Threads.Any(other => other.Operations.Any(o =>
                o.Opcode == LitmusOpcode.START && o.Target == t)))],
        };
        machine.Visit(start);
        return machine._outcomes;
    }

    private void Visit(State state)
    {
        if (!_visited.Add(state.ToString()))
            return;
        bool moved = false;
        for (int t = 0; t < _test.Threads.Count; t++)
        {
            if (state.Buffers[t].Count > 0)
            {
                State flushed = state.Clone();
                (int location, long value) = flushed.Buffers[t][0];
                flushed.Buffers[t].RemoveAt(0);
                flushed.Memory[location] = value;
                Visit(flushed);
                moved = true;
            }

            if (state.Started[t] && state.Position[t] < _test.Threads[t].Operations.Count)
            {
                State next = state.Clone();
                if (Run(next, t, _test.Threads[t].Operations[next.Position[t]++]))
                {
                    Visit(next);
                    moved = true;
                }
            }
        }

        if (!moved && Enumerable.Range(0, _test.Threads.Count).All(t => !state.Started[t] || state.Position[t] == _test.Threads[t].Operations.Count))
            _outcomes.Add(Format(state.Registers, state.Memory));
    }

    private bool Run(State s, int t, LitmusOperation op)
    {
        bool drained = s.Buffers[t].Count == 0;
        long[] registers = s.Registers[t];
        long value = op.Value.Register >= 0 ? registers[op.Value.Register] : op.Value.Value;
        switch (op.Opcode)
        {
            case LitmusOpcode.R:
                registers[op.Register] = s.Load(t, op.Location);
                return true;
            case LitmusOpcode.RD:
                int target = LitmusTest.Referent(registers[op.Base]);
                registers[op.Register] = target < 0 ? -1 : s.Load(t, target);
                return true;
            case LitmusOpcode.W or LitmusOpcode.WD:
                int written = op.Opcode == LitmusOpcode.W ? op.Location : LitmusTest.Referent(registers[op.Base]);
                if (written >= 0 && _buffered)
                    s.Buffers[t].Add((written, value));
                else if (written >= 0)
                    s.Memory[written] = value;
                return true;
            case LitmusOpcode.XCHG or LitmusOpcode.ADD or LitmusOpcode.CAS:
                if (!drained)
                    return false;
                long old = s.Memory[op.Location];
                long comparand = op.Comparand.Register >= 0 ? registers[op.Comparand.Register] : op.Comparand.Value;
                if (op.Opcode != LitmusOpcode.CAS || old == comparand)
                    s.Memory[op.Location] = op.Opcode == LitmusOpcode.ADD ? old + value : value;
                registers[op.Register] = old;
                return true;
            case LitmusOpcode.RB or LitmusOpcode.WB:
                return true;
            case LitmusOpcode.MB:
                return drained;
            case LitmusOpcode.PWB:
                return s.Buffers.All(b => b.Count == 0);
            case LitmusOpcode.LOCK:
                if (!drained || (s.LockOwner[op.Target] >= 0 && s.LockOwner[op.Target] != t))
                    return false;
                s.LockOwner[op.Target] = t;
                s.LockDepth[op.Target]++;
                return true;
            case LitmusOpcode.UNLOCK:
                if (!drained)
                    return false;
                if (--s.LockDepth[op.Target] == 0)
                    s.LockOwner[op.Target] = -1;
                return true;
            case LitmusOpcode.START:
                s.Started[op.Target] = true;
                return drained;
            case LitmusOpcode.JOIN:
                return s.Started[op.Target] && s.Position[op.Target] == _test.Threads[op.Target].Operations.Count && s.Buffers[op.Target].Count == 0;
            case LitmusOpcode.BNE:
                if (registers[op.Register] != value)
                    s.Position[t] = _test.Threads[t].Operations.Count;
                return true;
            default:
                throw new NotSupportedException(op.Opcode.ToString());
        }
    }

    private string Format(long[][] registers, long[] memory) =>
        string.Join(';', registers.SelectMany((values, t) => values.Select((v, r) => $"{t}:{_test.Threads[t].Registers[r]}={_test.Format(v)}"))
            .Concat(memory.Select((v, l) => $"{_test.Locations[l]}={_test.Format(v)}")));

    private sealed class State
    {
        internal required long[] Memory { get; init; }

        internal required int[] Position { get; init; }

        internal required long[][] Registers { get; init; }

        internal required List<(int Location, long Value)>[] Buffers { get; init; }

        internal required int[] LockOwner { get; init; }

        internal required int[] LockDepth { get; init; }

        internal required bool[] Started { get; init; }

        internal long Load(int t, int location)
        {
            int own = Buffers[t].FindLastIndex(w => w.Location == location);
            return own >= 0 ? Buffers[t][own].Value : Memory[location];
        }

        internal State Clone() => new()
        {
            Memory = [.. Memory],
            Position = [.. Position],
            Registers = [.. Registers.Select(r => r.ToArray())],
            Buffers = [.. Buffers.Select(b => b.ToList())],
            LockOwner = [.. LockOwner],
            LockDepth = [.. LockDepth],
            Started = [.. Started],
        };

        public override string ToString() =>
            string.Join(',', Memory) + "|" + string.Join(',', Position) + "|" + string.Join('/', Registers.Select(r => string.Join(',', r))) + "|"
            + string.Join('/', Buffers.Select(b => string.Join(',', b))) + "|" + string.Join(',', LockOwner) + "|" + string.Join(',', LockDepth)
            + "|" + string.Join(',', Started);
    }
}
