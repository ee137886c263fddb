using System.Runtime.CompilerServices;

namespace Verify.Checker.MemoryModels;

/// <summary>This process's memory with its object references as numbers of an <see cref="ObjectTable"/>, stored so that the collector knows of them.</summary>
/// <remarks>The caller keeps the address valid: the object around it is pinned, or the address is not of the collector's heap.</remarks>
internal readonly unsafe struct HostMemory(ObjectTable objects) : IBackingStore
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Load(nuint address, int size) => default(ProcessMemory).Load(address, size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(nuint address, int size, ulong value) => default(ProcessMemory).Store(address, size, value);

    public ulong LoadReference(nuint address) => objects.NumberOf(Unsafe.AsRef<object?>((void*)address));

    public void StoreReference(nuint address, ulong handle) => Unsafe.AsRef<object?>((void*)address) = objects[handle];
}
