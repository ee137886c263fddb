using System.Collections.Concurrent;

namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>An object with one field: what a location is that references name, and, for a number where references are expected, a box of it.</summary>
public sealed class LitmusCell
{
    /// <summary>The field, of tests whose objects hold numbers.</summary>
    public long Value;

    /// <summary>The field, of tests whose objects hold references.</summary>
    public LitmusCell? Link;

    /// <summary>What a final state shows for a reference to it.</summary>
    internal long Meaning { get; init; }
}

/// <summary>What the code of a compiled litmus test calls: its objects, its locks, its threads, and where it leaves its final state.</summary>
/// <remarks>This assembly is not rewritten, so nothing here is an access of the test.</remarks>
public sealed class LitmusRun
{
    private static readonly ConcurrentDictionary<string, LitmusRun> s_runs = new();

    private readonly LitmusCell[] _cells;
    private readonly object[] _locks;
    private readonly Dictionary<long, LitmusCell> _numbers = [];
    private readonly Thread?[] _threads;
    private readonly bool[] _started;
    private readonly long[] _state;

    public LitmusRun(LitmusTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        _cells = [.. test.Locations.Select((_, i) => new LitmusCell { Meaning = LitmusTest.Reference(i) })];
        _locks = [.. test.Locks.Select(_ => new object())];
        _threads = new Thread[test.Threads.Count];
        _started = new bool[test.Threads.Count];
        _state = new long[test.Threads.Sum(t => t.Registers.Count) + test.Locations.Count];
    }

    /// <summary>The final state: registers by thread, then locations.</summary>
    public ReadOnlySpan<long> State => _state;

    /// <summary>Gives a run a name by which its generated class finds it.</summary>
    public static void Offer(string name, LitmusRun run) => s_runs[name] = run;

    /// <summary>The run of that name; each is claimed once.</summary>
    public static LitmusRun Claim(string name) =>
        s_runs.TryRemove(name, out LitmusRun? run) ? run : throw new InvalidOperationException($"There is no litmus run '{name}'.");

    /// <summary>The object that stands for a location.</summary>
    public LitmusCell Cell(int location) => _cells[location];

    /// <summary>What stands for a number where a reference is expected: null for 0.</summary>
    public LitmusCell? Number(long value)
    {
        if (value == 0)
            return null;
        lock (_numbers)
        {
            if (!_numbers.TryGetValue(value, out LitmusCell? cell))
                _numbers.Add(value, cell = new LitmusCell { Meaning = value });
            return cell;
        }
    }

    /// <summary>Whether a register holds a reference, and not null or a number.</summary>
    public static bool IsReference(LitmusCell? cell) => cell is not null && LitmusTest.Referent(cell.Meaning) >= 0;

    public object Lock(int index) => _locks[index];

    public void SetThread(int index, Thread thread)
    {
        _threads[index] = thread;
        _started[index] = false;
    }

    /// <summary>The thread, which the caller is about to start or to join.</summary>
    public Thread Thread(int index, bool start)
    {
        _started[index] |= start;
        return _threads[index]!;
    }

    /// <summary>Whether the test itself started the thread.</summary>
    public bool WasStarted(int index) => _started[index];

    public void Put(int index, long value) => _state[index] = value;

    public void PutReference(int index, LitmusCell? cell) => _state[index] = cell?.Meaning ?? 0;
}
