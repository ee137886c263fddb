using Verify.Checker.MemoryModels.Litmus;

namespace Verify.Tests.Unit.MemoryModels;

/// <summary>
/// The dotnet model as axioms, in the style of herd's aarch64.cat: every way to choose reads-from and coherence is tried, and kept if no axiom
/// speaks against it. Internal coherence; atomicity; acyclic(rfe | coe | fre | local order). No machine, no time.
/// </summary>
internal sealed class AxiomaticDotNet
{
    private readonly LitmusTest _test;
    private readonly SortedSet<string> _outcomes = new(StringComparer.Ordinal);
    private List<Event> _events = [];
    private int[] _readsFrom = [];           // event -> event; -1: the initial value
    private List<int>[] _coherence = [];     // location -> its writes

    private AxiomaticDotNet(LitmusTest test) => _test = test;

    internal static IReadOnlySet<string> Outcomes(LitmusTest test)
    {
        AxiomaticDotNet axioms = new(test);
        axioms.ChoosePaths(0, []);
        return axioms._outcomes;
    }

    private sealed record Event(int Id, int Thread, int Position, LitmusOperation Op, bool Reads, bool Writes)
    {
        internal bool IsInterlocked => Op.Opcode is LitmusOpcode.XCHG or LitmusOpcode.ADD or LitmusOpcode.CAS;
    }

    /// <summary>Per thread: after how many operations it ends, and which of its CASes succeed.</summary>
    private void ChoosePaths(int thread, List<(int Length, int Successes)> paths)
    {
        if (thread == _test.Threads.Count)
        {
            BuildEvents(paths);
            _readsFrom = new int[_events.Count];
            ChooseReadsFrom(0);
            return;
        }

        IReadOnlyList<LitmusOperation> ops = _test.Threads[thread].Operations;
        IEnumerable<int> ends = Enumerable.Range(1, ops.Count).Where(i => i == ops.Count || ops[i - 1].Opcode == LitmusOpcode.BNE);
        foreach (int length in ends)
        {
            int cases = ops.Take(length).Count(o => o.Opcode == LitmusOpcode.CAS);
            for (int successes = 0; successes < 1 << cases; successes++)
                ChoosePaths(thread + 1, [.. paths, (length, successes)]);
        }
    }

    private void BuildEvents(List<(int Length, int Successes)> paths)
    {
        _events = [];
        for (int t = 0; t < paths.Count; t++)
        {
            int cas = 0;
            for (int i = 0; i < paths[t].Length; i++)
            {
                LitmusOperation op = _test.Threads[t].Operations[i];
                bool success = op.Opcode != LitmusOpcode.CAS || (paths[t].Successes & (1 << cas++)) != 0;
                bool interlocked = op.Opcode is LitmusOpcode.XCHG or LitmusOpcode.ADD or LitmusOpcode.CAS;
                bool reads = op.Opcode == LitmusOpcode.R || interlocked;
                bool writes = op.Opcode == LitmusOpcode.W || (interlocked && success);
                _events.Add(new Event(_events.Count, t, i, op, reads, writes));
            }
        }
    }

    private void ChooseReadsFrom(int id)
    {
        while (id < _events.Count && !_events[id].Reads)
            id++;
        if (id == _events.Count)
        {
            _coherence = [.. _test.Locations.Select(_ => new List<int>())];
            ChooseCoherence(0);
            return;
        }

        foreach (int source in _events.Where(w => w.Writes && w.Id != id && w.Op.Location == _events[id].Op.Location).Select(w => w.Id).Prepend(-1))
        {
            _readsFrom[id] = source;
            ChooseReadsFrom(id + 1);
        }
    }

    private void ChooseCoherence(int id)
    {
        while (id < _events.Count && !_events[id].Writes)
            id++;
        if (id == _events.Count)
        {
            Judge();
            return;
        }

        List<int> order = _coherence[_events[id].Op.Location];
        for (int at = 0; at <= order.Count; at++)
        {
            order.Insert(at, id);
            ChooseCoherence(id + 1);
            order.RemoveAt(at);
        }
    }

    private void Judge()
    {
        int n = _events.Count;
        bool[,] internalOrder = new bool[n, n];
        bool[,] observed = new bool[n, n];
        foreach (Event read in _events.Where(e => e.Reads))
        {
            List<int> order = _coherence[read.Op.Location];
            int source = _readsFrom[read.Id];
            if (read.Writes && order.IndexOf(read.Id) != (source < 0 ? 0 : order.IndexOf(source) + 1))
                return;  // atomicity
            if (source >= 0)
                Communicate(internalOrder, observed, source, read.Id);
            foreach (int later in order.Skip(source < 0 ? 0 : order.IndexOf(source) + 1).Where(w => w != read.Id))
                Communicate(internalOrder, observed, read.Id, later);
        }

        foreach (List<int> order in _coherence)
        {
            for (int i = 0; i < order.Count; i++)
            {
                for (int j = i + 1; j < order.Count; j++)
                    Communicate(internalOrder, observed, order[i], order[j]);
            }
        }

        foreach (Event a in _events)
        {
            foreach (Event b in _events.Where(b => b.Thread == a.Thread && b.Position > a.Position))
            {
                if (IsAccess(a) && IsAccess(b) && a.Op.Location == b.Op.Location)
                    internalOrder[a.Id, b.Id] = true;
                if (LocallyOrdered(a, b))
                    observed[a.Id, b.Id] = true;
            }
        }

        if (IsAcyclic(internalOrder) && IsAcyclic(observed))
            Evaluate();
    }

    private void Communicate(bool[,] internalOrder, bool[,] observed, int a, int b)
    {
        internalOrder[a, b] = true;
        if (_events[a].Thread != _events[b].Thread)
            observed[a, b] = true;
    }

    private static bool IsAccess(Event e) => e.Reads || e.Writes;

    private bool LocallyOrdered(Event a, Event b)
    {
        if (!IsAccess(a) || !IsAccess(b))
            return false;
        if (a.IsInterlocked || b.IsInterlocked)
            return true;
        if (a.Reads && (a.Op.Volatile || b.Writes))
            return true;
        if (b.Writes && (b.Op.Volatile || a.Op.Location == b.Op.Location))
            return true;
        if (a.Reads && b.Reads && _readsFrom[b.Id] is var w and >= 0 && _events[w].Thread == a.Thread
            && !_events[w].IsInterlocked && _events[w].Op.Value.Register == a.Op.Register && _events[w].Position > a.Position)
        {
            return true;  // a feeds a store that is forwarded to b
        }

        return _events.Any(f => f.Thread == a.Thread && f.Position > a.Position && f.Position < b.Position && f.Op.Opcode switch
        {
            LitmusOpcode.MB => true,
            LitmusOpcode.RB => a.Reads,
            LitmusOpcode.WB => b.Writes,
            _ => false,
        });
    }

    private static bool IsAcyclic(bool[,] edges)
    {
        int n = edges.GetLength(0);
        bool[,] reach = (bool[,])edges.Clone();
        for (int k = 0; k < n; k++)
        {
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                    reach[i, j] |= reach[i, k] && reach[k, j];
            }
        }

        return Enumerable.Range(0, n).All(i => !reach[i, i]);
    }

    /// <summary>
    /// Computes values along program order and reads-from, which is acyclic here, and checks branches and CASes against the chosen paths.
    /// </summary>
    private void Evaluate()
    {
        long[][] registers = [.. _test.Threads.Select(t => new long[t.Registers.Count])];
        long?[] written = new long?[_events.Count];
        bool[] done = new bool[_events.Count];
        for (int left = _events.Count; left > 0;)
        {
            int before = left;
            foreach (Event e in _events.Where(e => !done[e.Id]))
            {
                bool ready = _events.All(p => p.Thread != e.Thread || p.Position >= e.Position || done[p.Id])
                    && (!e.Reads || _readsFrom[e.Id] < 0 || done[_readsFrom[e.Id]]);
                if (!ready)
                    continue;
                if (!Perform(e, registers[e.Thread], written))
                    return;
                done[e.Id] = true;
                left--;
            }

            if (left == before)
                throw new InvalidOperationException("a cycle of program order and reads-from passed the axioms");
        }

        long[] memory = [.. _coherence.Select((order, l) => order.Count == 0 ? _test.Initial[l] : written[order[^1]]!.Value)];
        _outcomes.Add(string.Join(';', registers.SelectMany((values, t) => values.Select((v, r) => $"{t}:{_test.Threads[t].Registers[r]}={v}"))
            .Concat(memory.Select((v, l) => $"{_test.Locations[l]}={v}"))));
    }

    private bool Perform(Event e, long[] registers, long?[] written)
    {
        long value = e.Op.Value.Register >= 0 ? registers[e.Op.Value.Register] : e.Op.Value.Value;
        long read = !e.Reads ? 0 : _readsFrom[e.Id] < 0 ? _test.Initial[e.Op.Location] : written[_readsFrom[e.Id]]!.Value;
        switch (e.Op.Opcode)
        {
            case LitmusOpcode.CAS when e.Op.Comparand.Value == read != e.Writes:
                return false;
            case LitmusOpcode.BNE:
                bool endsHere = e.Position + 1 == _events.Where(o => o.Thread == e.Thread).Max(o => o.Position) + 1;
                bool isLast = e.Position + 1 == _test.Threads[e.Thread].Operations.Count;
                return isLast || registers[e.Op.Register] == value != endsHere;
        }

        if (e.Writes)
            written[e.Id] = e.Op.Opcode == LitmusOpcode.ADD ? read + value : value;
        if (e.Reads)
            registers[e.Op.Register] = read;
        return true;
    }
}
