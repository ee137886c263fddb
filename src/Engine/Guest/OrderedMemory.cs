namespace Verify.Engine.Guest;

/// <summary>Every guest access through <see cref="Volatile"/>: each is then an event of its own to a tool that controls such accesses.</summary>
/// <remarks>A misaligned access is carried out byte by byte, as RISC-V allows.</remarks>
public readonly unsafe struct OrderedMemory : IGuestMemory
{
    public byte Load8(byte* at) => Volatile.Read(ref *at);

    public ushort Load16(byte* at) => ((nuint)at & 1) == 0 ? Volatile.Read(ref *(ushort*)at) : (ushort)LoadBytes(at, 2);

    public uint Load32(byte* at) => ((nuint)at & 3) == 0 ? Volatile.Read(ref *(uint*)at) : (uint)LoadBytes(at, 4);

    public ulong Load64(byte* at) => ((nuint)at & 7) == 0 ? Volatile.Read(ref *(ulong*)at) : LoadBytes(at, 8);

    public void Store8(byte* at, byte value) => Volatile.Write(ref *at, value);

    public void Store16(byte* at, ushort value)
    {
        if (((nuint)at & 1) == 0)
        {
            Volatile.Write(ref *(ushort*)at, value);
        }
        else
        {
            StoreBytes(at, value, 2);
        }
    }

    public void Store32(byte* at, uint value)
    {
        if (((nuint)at & 3) == 0)
        {
            Volatile.Write(ref *(uint*)at, value);
        }
        else
        {
            StoreBytes(at, value, 4);
        }
    }

    public void Store64(byte* at, ulong value)
    {
        if (((nuint)at & 7) == 0)
        {
            Volatile.Write(ref *(ulong*)at, value);
        }
        else
        {
            StoreBytes(at, value, 8);
        }
    }

    public byte LoadPageFlags(byte* at) => Volatile.Read(ref *at);

    public void Fence() => Interlocked.MemoryBarrier();

    private static ulong LoadBytes(byte* at, int count)
    {
        ulong value = 0;
        for (int i = 0; i < count; i++)
        {
            value |= (ulong)Volatile.Read(ref at[i]) << (8 * i);
        }

        return value;
    }

    private static void StoreBytes(byte* at, ulong value, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Volatile.Write(ref at[i], (byte)(value >> (8 * i)));
        }
    }
}
