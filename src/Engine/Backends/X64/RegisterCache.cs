using System.Numerics;

namespace Verify.Engine.Backends.X64;

/// <summary>Which guest registers are in host registers at this place of a block, and which of those memory does not have yet.</summary>
/// <remarks>
/// Locals of a TCG block (tcg.c, tcg_reg_alloc_op), without liveness: a register is loaded at its first use, written back where the block is left,
/// and
/// given up for another one when it was not used for the longest time. <see cref="State"/> names all of it at one place, for code out of line.
/// </remarks>
internal sealed class RegisterCache(Assembler code)
{
    /// <summary>Registers of the host that hold guest registers. Callee-saved ones are not special: around a call all are written back.</summary>
    private static ReadOnlySpan<Reg> Hosts => [Reg.Rbx, Reg.Rsi, Reg.Rdi, Reg.R8, Reg.R9, Reg.R10, Reg.R11, Reg.R12];

    internal const int Count = 8;

    /// <summary>Base of the vCPU's state, and the word it points at: all guest registers are within a byte's displacement.</summary>
    internal const Reg Base = Reg.Rbp;

    internal const int BaseWord = 17;

    private readonly sbyte[] _placeOf = new sbyte[32]; // of a guest register: an index of Hosts, or -1
    private readonly byte[] _guestAt = new byte[Count];
    private readonly int[] _used = new int[Count];
    private uint _dirty; // by place
    private uint _kept;  // places that the current instruction needs
    private int _clock;

    /// <summary>Displacement of a word of the vCPU's state.</summary>
    internal static int Word(int word) => (word - BaseWord) * 8;

    /// <summary>Nothing is cached.</summary>
    public void Reset()
    {
        Array.Fill(_placeOf, (sbyte)-1);
        Array.Clear(_guestAt);
        Array.Clear(_used);
        (_dirty, _kept, _clock) = (0, 0, 0);
    }

    /// <summary>The instruction that was emitted needs its registers no more.</summary>
    public void NextInstruction() => _kept = 0;

    /// <summary>The host register that holds a guest register 1 to 31.</summary>
    public Reg Use(int guest)
    {
        int place = _placeOf[guest];
        if (place < 0)
        {
            place = Place(guest);
            code.Load(Hosts[place], Base, Word(guest));
        }

        Keep(place);
        return Hosts[place];
    }

    /// <summary>A host register for a guest register that is about to be written. <see cref="Written"/> follows the write.</summary>
    public Reg Prepare(int guest)
    {
        int place = _placeOf[guest] >= 0 ? _placeOf[guest] : Place(guest);
        Keep(place);
        return Hosts[place];
    }

    public void Written(int guest) => _dirty |= 1u << _placeOf[guest];

    /// <summary>What is where, one byte for each place: a guest register, and 0x80 if memory does not have its value.</summary>
    /// <param name="except">A guest register whose host register holds nothing yet, or 0.</param>
    public ulong State(int except = 0)
    {
        ulong state = 0;
        for (int i = 0; i < Count; i++)
        {
            ulong entry = _guestAt[i] | ((_dirty >> i & 1) << 7);
            state |= (_guestAt[i] == except ? 0 : entry) << (8 * i);
        }

        return state;
    }

    public bool Holds(int guest) => _placeOf[guest] >= 0;

    /// <summary>Writes all back that memory does not have.</summary>
    public void WriteBack()
    {
        WriteBack(State());
        _dirty = 0;
    }

    /// <summary>Writes back what was dirty in a state.</summary>
    public void WriteBack(ulong state)
    {
        for (int i = 0; i < Count; i++)
        {
            int entry = (byte)(state >> (8 * i));
            if (entry >= 0x80)
            {
                code.Store(Hosts[i], Base, Word(entry & 31));
            }
        }
    }

    /// <summary>Loads all that was cached in a state.</summary>
    public void Reload(ulong state)
    {
        for (int i = 0; i < Count; i++)
        {
            int entry = (byte)(state >> (8 * i)) & 31;
            if (entry != 0)
            {
                code.Load(Hosts[i], Base, Word(entry));
            }
        }
    }

    /// <summary>
    /// Loads a set of at most <see cref="Count"/> registers for a loop, which keeps them; those it writes count as dirty from the start.
    /// </summary>
    public void LoadForLoop(uint guests, uint written)
    {
        for (uint left = guests; left != 0; left &= left - 1)
        {
            int guest = BitOperations.TrailingZeroCount(left);
            Use(guest);
            if ((written >> guest & 1) != 0)
            {
                Written(guest);
            }
        }
    }

    private void Keep(int place)
    {
        _kept |= 1u << place;
        _used[place] = ++_clock;
    }

    private int Place(int guest)
    {
        int best = -1;
        for (int i = 0; i < Count; i++)
        {
            if ((_kept >> i & 1) == 0 && (best < 0 || _used[i] < _used[best]))
            {
                best = i;
            }
        }

        int old = _guestAt[best];
        if (old != 0)
        {
            if ((_dirty >> best & 1) != 0)
            {
                code.Store(Hosts[best], Base, Word(old));
            }

            _placeOf[old] = -1;
        }

        _dirty &= ~(1u << best);
        _guestAt[best] = (byte)guest;
        _placeOf[guest] = (sbyte)best;
        return best;
    }
}
