using System.Runtime.CompilerServices;

namespace Verify.Checker.MemoryModels;

/// <summary>The real memory beneath the machine. It always holds the newest write of each location.</summary>
public interface IBackingStore
{
    /// <summary>The value at a naturally aligned address, zero-extended.</summary>
    /// <param name="address">A multiple of <paramref name="size"/>.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    ulong Load(nuint address, int size);

    /// <summary>Stores the low <paramref name="size"/> bytes of <paramref name="value"/>.</summary>
    void Store(nuint address, int size, ulong value);

    /// <summary>The handle of the object that the reference at the address refers to; 0 for null.</summary>
    ulong LoadReference(nuint address);

    /// <summary>Stores a reference to the object with that handle.</summary>
    void StoreReference(nuint address, ulong handle);
}

/// <summary>This process's memory, by address. The caller keeps the address valid, and the object behind it where it is.</summary>
public readonly unsafe struct ProcessMemory : IBackingStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Load(nuint address, int size) => size switch
    {
        8 => *(ulong*)address,
        4 => *(uint*)address,
        2 => *(ushort*)address,
        _ => *(byte*)address,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(nuint address, int size, ulong value)
    {
        switch (size)
        {
            case 8: *(ulong*)address = value; break;
            case 4: *(uint*)address = (uint)value; break;
            case 2: *(ushort*)address = (ushort)value; break;
            default: *(byte*)address = (byte)value; break;
        }
    }

    /// <summary>Here a handle is the reference itself, so whoever uses this keeps the objects alive and where they are.</summary>
    public ulong LoadReference(nuint address) => *(nuint*)address;

    public void StoreReference(nuint address, ulong handle) => *(nuint*)address = (nuint)handle;
}

/// <summary>A small memory of its own, from address 0, for programs that have no addresses: litmus tests.</summary>
public readonly struct ArrayMemory(byte[] bytes) : IBackingStore
{
    public ulong Load(nuint address, int size) => size switch
    {
        8 => Unsafe.ReadUnaligned<ulong>(ref bytes[address]),
        4 => Unsafe.ReadUnaligned<uint>(ref bytes[address]),
        2 => Unsafe.ReadUnaligned<ushort>(ref bytes[address]),
        _ => bytes[address],
    };

    public void Store(nuint address, int size, ulong value)
    {
        switch (size)
        {
            case 8: Unsafe.WriteUnaligned(ref bytes[address], value); break;
            case 4: Unsafe.WriteUnaligned(ref bytes[address], (uint)value); break;
            case 2: Unsafe.WriteUnaligned(ref bytes[address], (ushort)value); break;
            default: bytes[address] = (byte)value; break;
        }
    }

    public ulong LoadReference(nuint address) => Load(address, 8);

    public void StoreReference(nuint address, ulong handle) => Store(address, 8, handle);
}
