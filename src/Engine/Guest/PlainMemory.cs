using System.Runtime.CompilerServices;

namespace Verify.Engine.Guest;

/// <summary>Guest accesses as ordinary host accesses: the fast one.</summary>
/// <remarks>
/// Guest harts race on RAM as they please, so these accesses race on purpose. RVWMO asks less order of them than any host .NET runs on gives.
/// </remarks>
[RacesOnPurpose("harts order their own accesses; the host gives them no less order than RVWMO asks for")]
public readonly unsafe struct PlainMemory : IGuestMemory
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Load8(byte* at) => *at;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort Load16(byte* at) => Unsafe.ReadUnaligned<ushort>(at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Load32(byte* at) => Unsafe.ReadUnaligned<uint>(at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Load64(byte* at) => Unsafe.ReadUnaligned<ulong>(at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store8(byte* at, byte value) => *at = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store16(byte* at, ushort value) => Unsafe.WriteUnaligned(at, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store32(byte* at, uint value) => Unsafe.WriteUnaligned(at, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store64(byte* at, ulong value) => Unsafe.WriteUnaligned(at, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte LoadPageFlags(byte* at) => *at;

    public void Fence() => Interlocked.MemoryBarrier();
}
