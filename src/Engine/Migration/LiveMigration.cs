using System.Runtime.CompilerServices;
using System.Text;
using Verify.Engine.Dirty;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Memory;

namespace Verify.Engine.Migration;

/// <summary>How a page is copied after it was taken from the bitmap; a struct, so that a variant costs nothing.</summary>
public interface IMigrationSteps
{
    /// <summary>One round: take what was written since the last one, then copy it.</summary>
    void Round(Action collect, Action sendDirtyPages);

    /// <summary>The end: the vCPUs stop, and what they have written since the last round follows.</summary>
    void StopAndCopy(Action pause, Action lastRound);
}

/// <summary>Clear before copying, pause before the last clear (races.md DM07, scenario 35).</summary>
public readonly struct CollectThenCopy : IMigrationSteps
{
    public void Round(Action collect, Action sendDirtyPages)
    {
        collect();
        sendDirtyPages();
    }

    public void StopAndCopy(Action pause, Action lastRound)
    {
        pause();
        lastRound();
    }
}

/// <summary>Sends a running machine into a stream: everything once, then what was written meanwhile, then, with the vCPUs paused, the rest.</summary>
/// <remarks>
/// After QEMU migration/ram.c (ram_save_setup, migration_bitmap_sync, ram_save_complete). RAM may come, go and change its size meanwhile: each round
/// begins with what has changed in the list, and the last one is done while nothing can. Afterwards the source stays paused: it has been sent.
/// </remarks>
public sealed unsafe class LiveMigration<TSteps>
    where TSteps : struct, IMigrationSteps
{
    internal const uint Magic = 0x4d594656; // "VFYM"
    private const int BatchPages = 64;

    private readonly Machine _source;
    private readonly DirtyTracking _tracking;
    private readonly BinaryWriter _to;
    private readonly MigrationBitmap<CountUnderLock> _bitmap = new(0);
    private readonly Dictionary<RamBlock, (int Id, long Pages)> _sent = [];
    private readonly byte[] _copy = new byte[GuestRam.PageSize];
    private IDirtyMemory _view = null!;
    private Rcu.RcuReader<Rcu.SymmetricRcu>? _reader;
    private long _ramVersion = -1;
    private long _pagesSent, _zeroPages;
    private int _blocksChanged, _lastId;

    /// <param name="source">With dirty memory. It may run already or not yet.</param>
    /// <param name="to">Written by the thread that calls <see cref="Run"/>; not closed.</param>
    /// <exception cref="MigrationException">The machine has no dirty memory.</exception>
    public LiveMigration(Machine source, Stream to)
    {
        _source = source;
        _tracking = source.Ram.Dirty ?? throw new MigrationException(
            "a machine without dirty memory cannot be migrated: choose a design (verify run --dirty rcu-blocks, say)");
        _to = new BinaryWriter(to, Encoding.UTF8, leaveOpen: true);
    }

    /// <summary>Dirty rounds after which the vCPUs are stopped however much is dirty, at least 0.</summary>
    public int MaxRounds { get; init; } = 8;

    /// <summary>The vCPUs are stopped when no more pages than this are left to send.</summary>
    public long DowntimePages { get; init; } = 64;

    /// <summary>Called after each round while the vCPUs still run; for tests and progress.</summary>
    public Action<int>? RoundDone { get; init; }

    /// <summary>Called once, when only the last round is left to do, before the vCPUs are paused.</summary>
    public Action? BeforeStop { get; init; }

    /// <summary>Sends the machine. On return its vCPUs are paused.</summary>
    public MigrationResult Run()
    {
        _tracking.Design.Enable(DirtyClient.Migration);
        _view = _tracking.Design.Attach();
        _reader = _source.Ram.Others?.Rcu.Register();
        try
        {
            return SendAll();
        }
        finally
        {
            if (_reader != null)
            {
                _source.Ram.Others!.Rcu.Unregister(_reader);
            }

            _view.Detach();
            _tracking.Design.Drop(DirtyClient.Migration);
            _to.Flush();
        }
    }

    private MigrationResult SendAll()
    {
        _to.Write(Magic);
        _to.Write(_source.Ram.Start);
        _to.Write(_source.Ram.Size);
        _bitmap.Extend(_tracking.Design.PageCount); // the bulk round is everything
        Round();
        int rounds = 0;
        for (; rounds < MaxRounds && (rounds == 0 || _bitmap.DirtyPages > DowntimePages); rounds++)
        {
            Round();
            RoundDone?.Invoke(rounds);
            Collect();
        }

        BeforeStop?.Invoke();
        long before = _pagesSent;
        default(TSteps).StopAndCopy(_source.PauseAllCpus, () => _source.WhileRamIsStable(Round));
        rounds++;
        _to.Write((byte)MigrationRecord.State);
        _source.SaveState(_to);
        return new MigrationResult(
            rounds, _pagesSent, _zeroPages, _pagesSent - before, _blocksChanged, [.. _source.Cpus.Select(cpu => cpu.Instructions)]);
    }

    private void Round()
    {
        default(TSteps).Round(Collect, SendDirtyPages);
        _to.Write((byte)MigrationRecord.EndOfRound);
    }

    // ram_list first: a block that has come is sent before its pages.
    private void Collect()
    {
        _bitmap.Extend(_tracking.Design.PageCount);
        SendRamList();
        _tracking.Kernel?.Fetch(DirtyClients.NoCode);
        _bitmap.Sync(_view);
    }

    private void SendRamList()
    {
        if (_source.Ram.Others is not { } others || others.Version == _ramVersion)
        {
            return;
        }

        bool isFirst = _ramVersion < 0;
        IReadOnlyList<RamBlock> blocks;
        lock (others.Mutex)
        {
            (_ramVersion, blocks) = (others.Version, others.Blocks);
        }

        foreach (RamBlock gone in _sent.Keys.Except(blocks).ToArray())
        {
            _to.Write((byte)MigrationRecord.BlockGone);
            _to.Write(_sent[gone].Id);
            _sent.Remove(gone);
            _blocksChanged += isFirst ? 0 : 1;
        }

        foreach (RamBlock block in blocks)
        {
            bool isKnown = _sent.TryGetValue(block, out (int Id, long Pages) known);
            long pages = block.UsedPages;
            if (isKnown && known.Pages == pages)
            {
                continue;
            }

            _sent[block] = (isKnown ? known.Id : ++_lastId, pages);
            _to.Write((byte)MigrationRecord.Block);
            _to.Write(_sent[block].Id);
            _to.Write(block.Name);
            _to.Write(block.Start);
            _to.Write(pages);
            _to.Write(block.MaxPages);
            _blocksChanged += isFirst ? 0 : 1;
            long isNewFrom = isKnown ? Math.Min(known.Pages, pages) : 0;
            _bitmap.Extend(block.FirstPage + block.MaxPages);
            _bitmap.Mark(new PageRange(block.FirstPage + isNewFrom, pages - isNewFrom)); // an earlier round may have taken their bits and known no block
        }
    }

    private void SendDirtyPages()
    {
        bool isMore = true;
        while (isMore)
        {
            _reader?.Enter();
            try
            {
                for (int i = 0; i < BatchPages && isMore; i++)
                {
                    long page = _bitmap.TakeNext();
                    isMore = page >= 0;
                    if (isMore)
                    {
                        Send(page);
                    }
                }
            }
            finally
            {
                _reader?.Leave();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [RacesOnPurpose("what a vCPU stores beside the copy is recorded after the bit was cleared, and sent in a later round")]
    private void Send(long page)
    {
        GuestRam ram = _source.Ram;
        RamBlock? block = page < ram.PageCount ? null : ram.Others?.FindPage(page);
        (int Id, long Pages) known = (0, ram.PageCount);
        long inBlock = page - (block?.FirstPage ?? 0);
        if (page >= ram.PageCount && (block == null || !_sent.TryGetValue(block, out known)))
        {
            return; // between blocks; or of a block that has come since: the next round sends all of it
        }

        if (inBlock >= known.Pages)
        {
            return;
        }

        block?.AssertAlive();
        ReadOnlySpan<byte> bytes = new(block == null ? ram.Bytes + (page << GuestRam.PageBits) : block.Bytes + (inBlock << GuestRam.PageBits), GuestRam.PageSize);
        bytes.CopyTo(_copy); // what is tested is what is sent
        bool isZero = !_copy.AsSpan().ContainsAnyExcept((byte)0);
        _to.Write((byte)(isZero ? MigrationRecord.ZeroPage : MigrationRecord.Page));
        _to.Write(known.Id);
        _to.Write(inBlock);
        if (!isZero)
        {
            _to.Write(_copy);
        }

        _pagesSent++;
        _zeroPages += isZero ? 1 : 0;
    }
}
