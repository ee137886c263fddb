using System.Text;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Memory;

namespace Verify.Engine.Migration;

/// <summary>Takes a migrated guest over into a machine that has not run.</summary>
public sealed unsafe class MigrationTarget
{
    private readonly Machine _machine;
    private readonly BinaryReader _from;
    private readonly Dictionary<int, RamBlock> _blocks = [];

    /// <param name="machine">Made as the source was, with the same RAM from the start, vCPUs and devices; of the image only HTIF matters.</param>
    /// <param name="from">Read by the thread that calls <see cref="Load"/>; not closed.</param>
    public MigrationTarget(Machine machine, Stream from)
    {
        _machine = machine;
        _from = new BinaryReader(from, Encoding.UTF8, leaveOpen: true);
    }

    /// <summary>Reads to the end of the migration. Afterwards the machine can run, and goes on where the other one stopped.</summary>
    /// <exception cref="MigrationException">The stream is no migration, or the machines are not made alike.</exception>
    public void Load()
    {
        try
        {
            ReadAll();
        }
        catch (EndOfStreamException)
        {
            throw new MigrationException("the migration broke off: the source stopped before it had sent its state");
        }
    }

    private void ReadAll()
    {
        if (_from.ReadUInt32() != LiveMigration<CollectThenCopy>.Magic)
        {
            throw new MigrationException("this is no migration: it does not begin with VFYM");
        }

        (ulong start, ulong size) = (_from.ReadUInt64(), _from.ReadUInt64());
        if (start != _machine.Ram.Start || size != _machine.Ram.Size)
        {
            throw new MigrationException(
                $"the guest has 0x{size:x} bytes of RAM at 0x{start:x}, the machine it is sent to 0x{_machine.Ram.Size:x} at 0x{_machine.Ram.Start:x}: "
                + "make both alike");
        }

        while (true)
        {
            switch ((MigrationRecord)_from.ReadByte())
            {
                case MigrationRecord.Block:
                    ReadBlock();
                    break;
                case MigrationRecord.BlockGone:
                    int gone = _from.ReadInt32();
                    _machine.RemoveRam(BlockOf(gone));
                    _blocks.Remove(gone);
                    break;
                case MigrationRecord.ZeroPage:
                    ReadPage().Clear();
                    break;
                case MigrationRecord.Page:
                    _from.ReadExactly(ReadPage());
                    break;
                case MigrationRecord.EndOfRound:
                    break;
                case MigrationRecord.State:
                    _machine.LoadState(_from);
                    return;
                case var unknown:
                    throw new MigrationException($"the migration holds a record {(byte)unknown} that nobody knows: send it with the same version");
            }
        }
    }

    private void ReadBlock()
    {
        int id = _from.ReadInt32();
        string name = _from.ReadString();
        ulong start = _from.ReadUInt64();
        long pages = _from.ReadInt64(), maxPages = _from.ReadInt64();
        if (_blocks.TryGetValue(id, out RamBlock? block))
        {
            _machine.ResizeRam(block, pages << GuestRam.PageBits);
        }
        else if (_machine.Ram.Others?.Blocks.FirstOrDefault(other => other.Name == name) is { } there)
        {
            _blocks[id] = there; // a device of the machine has made it
        }
        else
        {
            _blocks[id] = _machine.AddRam(name, pages << GuestRam.PageBits, start, maxPages << GuestRam.PageBits);
        }
    }

    private RamBlock BlockOf(int id) => _blocks.TryGetValue(id, out RamBlock? block)
        ? block : throw new MigrationException($"RAM block {id} was sent to without having been announced: the stream is damaged");

    private Span<byte> ReadPage()
    {
        int id = _from.ReadInt32();
        long page = _from.ReadInt64();
        byte* bytes = id == 0 ? _machine.Ram.Bytes : BlockOf(id).Bytes;
        long pages = id == 0 ? _machine.Ram.PageCount : BlockOf(id).UsedPages;
        return page >= 0 && page < pages
            ? new Span<byte>(bytes + (page << GuestRam.PageBits), GuestRam.PageSize)
            : throw new MigrationException($"page {page} of a block of {pages} was sent: the stream is damaged");
    }
}
