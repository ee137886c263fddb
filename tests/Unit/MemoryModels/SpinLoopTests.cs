using Verify.Checker.MemoryModels;

namespace Verify.Tests.Unit.MemoryModels;

/// <summary>Loops that wait for another thread end, however stale their reads and however late the writes.</summary>
public class SpinLoopTests
{
    private const nuint Flag = 0;
    private const nuint Data = 8;
    private const nuint Serving = 16;
    private const int Runs = 200;
    private const int StepBound = 5000;  // of a schedule: to exceed it is to make no progress

    public static TheoryData<string, int, bool> Strategies =>
        new MatrixTheoryData<string, int, bool>(["sc", "tso", "dotnet"], [2, 8], [false, true]);

    private readonly byte[] _bytes = new byte[64];
    private WeakMemory<ArrayMemory> _machine = null!;

    [Theory]
    [MemberData(nameof(Strategies))]
    public void A_wait_for_a_flag_ends(string model, int history, bool budget) =>
        RunAll(model, history, budget, () => [SetFlag(), WaitForFlag()]);

    [Theory]
    [MemberData(nameof(Strategies))]
    public void A_compare_exchange_lock_excludes_and_makes_progress(string model, int history, bool budget) =>
        RunAll(model, history, budget, () => [CasLocked(0), CasLocked(1), CasLocked(2)], () => Assert.Equal(9ul, Newest(Data)));

    [Theory]
    [MemberData(nameof(Strategies))]
    public void A_ticket_lock_excludes_and_makes_progress(string model, int history, bool budget) =>
        RunAll(model, history, budget, () => [TicketLocked(0), TicketLocked(1), TicketLocked(2)], () => Assert.Equal(9ul, Newest(Data)));

    [Theory]
    [MemberData(nameof(Strategies))]
    public void A_sequence_lock_reader_retries_until_it_has_a_consistent_pair(string model, int history, bool budget) =>
        RunAll(model, history, budget, () => [SequenceWriter(), SequenceReader(1), SequenceReader(2)]);

    [Fact]
    public void A_compare_exchange_lock_left_by_a_plain_store_loses_counts_under_dotnet_and_not_under_tso()
    {
        int lost = 0;
        RunAll("dotnet", 8, false, () => [CasLocked(0, AccessKind.Plain), CasLocked(1, AccessKind.Plain)], () => lost += Newest(Data) == 6 ? 0 : 1);
        Assert.InRange(lost, 1, Runs);
        RunAll("tso", 8, false, () => [CasLocked(0, AccessKind.Plain), CasLocked(1, AccessKind.Plain)], () => Assert.Equal(6ul, Newest(Data)));
    }

    private void RunAll(string model, int history, bool budget, Func<IEnumerable<int>[]> program, Action? check = null)
    {
        Random schedule = new(history);
        RandomWeakChoices random = new(9);
        WeakBudgetChoices weak = new(2, 9);
        _machine = new WeakMemory<ArrayMemory>(
            new ArrayMemory(_bytes), new MemoryModelOptions { Model = MemoryModel.Parse(model), History = history }, budget ? weak : random);
        for (int run = 0; run < Runs; run++)
        {
            (random.StaleRate, random.DelayRate, random.MaxDelay) = (0.75, 0.5, 64);
            weak.NextExecution();
            Array.Clear(_bytes);
            _machine.Reset();
            List<IEnumerator<int>> running = [.. program().Select(t => t.GetEnumerator())];
            int steps = 0;
            while (running.Count > 0)
            {
                Assert.InRange(++steps, 1, StepBound);
                int next = schedule.Next(running.Count);
                if (!running[next].MoveNext())
                    running.RemoveAt(next);
            }

            check?.Invoke();
        }
    }

    private ulong Newest(nuint address) => BitConverter.ToUInt64(_bytes, (int)address);

    private IEnumerable<int> SetFlag()
    {
        _machine.Write(0, Data, 8, 1, AccessKind.Plain, 1);
        yield return 0;
        _machine.Write(0, Flag, 8, 1, AccessKind.Plain, 2);
    }

    private IEnumerable<int> WaitForFlag()
    {
        while (_machine.Read(1, Flag, 8, AccessKind.Volatile, 3) == 0)
            yield return 0;
    }

    private IEnumerable<int> Increment(int thread)
    {
        ulong value = _machine.Read(thread, Data, 8, AccessKind.Plain, 10);
        yield return 0;
        _machine.Write(thread, Data, 8, value + 1, AccessKind.Plain, 11);
        yield return 0;
    }

    private IEnumerable<int> CasLocked(int thread, AccessKind unlock = AccessKind.Volatile)
    {
        for (int i = 0; i < 3; i++)
        {
            while (_machine.CompareExchange(thread, Flag, 8, 1, 0, AccessKind.Plain, 20) != 0)
                yield return 0;
            foreach (int step in Increment(thread))
                yield return step;
            _machine.Write(thread, Flag, 8, 0, unlock, 21);
            yield return 0;
        }
    }

    private IEnumerable<int> TicketLocked(int thread)
    {
        for (int i = 0; i < 3; i++)
        {
            ulong ticket = _machine.Add(thread, Flag, 8, 1, AccessKind.Plain, 30);
            yield return 0;
            while (_machine.Read(thread, Serving, 8, AccessKind.Volatile, 31) != ticket)
                yield return 0;
            foreach (int step in Increment(thread))
                yield return step;
            _machine.Write(thread, Serving, 8, ticket + 1, AccessKind.Volatile, 32);
            yield return 0;
        }
    }

    private IEnumerable<int> SequenceWriter()
    {
        for (ulong i = 1; i <= 3; i++)
        {
            _machine.Write(0, Flag, 8, (2 * i) - 1, AccessKind.Plain, 40);
            _machine.Fence(0, FenceKind.Write);
            yield return 0;
            _machine.Write(0, Data, 8, i, AccessKind.Plain, 41);
            yield return 0;
            _machine.Write(0, Serving, 8, i, AccessKind.Plain, 42);
            yield return 0;
            _machine.Write(0, Flag, 8, 2 * i, AccessKind.Volatile, 43);
            yield return 0;
        }
    }

    private IEnumerable<int> SequenceReader(int thread)
    {
        while (true)
        {
            ulong before = _machine.Read(thread, Flag, 8, AccessKind.Volatile, 50);
            yield return 0;
            ulong first = _machine.Read(thread, Data, 8, AccessKind.Plain, 51);
            yield return 0;
            ulong second = _machine.Read(thread, Serving, 8, AccessKind.Plain, 52);
            _machine.Fence(thread, FenceKind.Read);
            yield return 0;
            if (before % 2 == 0 && _machine.Read(thread, Flag, 8, AccessKind.Plain, 53) == before)
            {
                Assert.Equal(first, second);
                yield break;
            }
        }
    }
}
