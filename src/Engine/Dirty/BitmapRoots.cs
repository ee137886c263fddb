using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Verify.Engine.Dirty;

/// <summary>What every operation reads first: the page count and one bitmap pointer per client, indexed by client (review of thread 0).</summary>
/// <remarks>One cache line, kept off its neighbours' lines; written only by growth and by clients that come and go, under the design's
/// lock.</remarks>
public sealed class BitmapRoots
{
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Line
    {
        [FieldOffset(64)] public long PageCount;  // Volatile; grows after the bitmaps that hold the new pages are published
        [FieldOffset(72)] public nint Display;    // Volatile; 0: not enabled (or no page yet)
        [FieldOffset(80)] public nint Code;       // as above
        [FieldOffset(88)] public nint Migration;  // as above
        [FieldOffset(96)] public int Enabled;     // Volatile; DirtyClients
    }

    private Line _line;

    public long PageCount
    {
        get => Volatile.Read(ref _line.PageCount);
        internal set => Volatile.Write(ref _line.PageCount, value);
    }

    public DirtyClients EnabledClients
    {
        get => (DirtyClients)Volatile.Read(ref _line.Enabled);
        internal set => Volatile.Write(ref _line.Enabled, (int)value);
    }

    /// <summary>Acquire load. Pairs with the release store of <see cref="Publish"/>: content before pointer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Load(DirtyClient client) => Volatile.Read(ref Slot(client));

    internal void Publish(DirtyClient client, nint bitmap) => Volatile.Write(ref Slot(client), bitmap);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref nint Slot(DirtyClient client)
    {
        if ((uint)client >= DirtyClientSets.Count)
            ThrowUnknown(client);
        return ref Unsafe.Add(ref _line.Display, (int)client);
    }

    private static void ThrowUnknown(DirtyClient client) =>
        throw new DirtyMemoryException($"There is no client {(int)client}: use Display, Code or Migration.");
}
