namespace Verify.Engine.Guest;

/// <summary>How a guest access to RAM is carried out on the host. Implemented by structs, so that the interpreter is specialised for each.</summary>
/// <remarks>
/// Pointers are host addresses already checked against the bounds of RAM. Loads and stores may be misaligned; atomics are naturally aligned.
/// </remarks>
public unsafe interface IGuestMemory
{
    byte Load8(byte* at);
    ushort Load16(byte* at);
    uint Load32(byte* at);
    ulong Load64(byte* at);
    void Store8(byte* at, byte value);
    void Store16(byte* at, ushort value);
    void Store32(byte* at, uint value);
    void Store64(byte* at, ulong value);

    /// <summary>Reads a page's flags after a store; the partner of <see cref="GuestRam.MarkCode"/>.</summary>
    byte LoadPageFlags(byte* at);

    void Fence();
}
