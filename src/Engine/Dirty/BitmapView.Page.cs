using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Verify.Engine.Dirty;

/// <content>One page for one client: what a vCPU does, inside the section it holds while it executes.</content>
public unsafe partial struct BitmapView<TStore, TBits>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool GetDirty(long page, DirtyClient client)
    {
        if (!_store.HasSections)
        {
            Check(page);
            return Test(_store, page, client);
        }
        if (!_store.TryOpenInside(page, client, out nint bitmap))
            return TestTheLongWay(_store, page, client);
        bool dirty = (Volatile.Read(ref *_store.WordInside(bitmap, page)) >> (int)page & 1) != 0;
        AssertAlive(_store, bitmap);
        return dirty;
    }

    // Only here: a comparison is a sixth of the test, and a test of freed memory, unlike a set, damages nothing.
    [Conditional("DEBUG")]
    private static void AssertAlive(TStore store, nint bitmap) => store.Verify(bitmap);

    // Static: so that a loop keeps the store in registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TestTheLongWay(TStore store, long page, DirtyClient client)
    {
        CheckIn(store, page);
        bool entered = store.Enter();
        bool dirty = Test(store, page, client);
        store.Leave(entered);
        return dirty;
    }

    // Inside a section.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Test(TStore store, long page, DirtyClient client)
    {
        nint bitmap = store.Open(client);
        if (bitmap == 0)
            return true;
        bool dirty = (Volatile.Read(ref *store.WordOf(bitmap, page)) >> (int)page & 1) != 0;
        store.Verify(bitmap);
        return dirty;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetDirty(long page, DirtyClient client)
    {
        if (!_store.HasSections)
        {
            Check(page);
            Set(_store, page, client);
            return;
        }
        if (!_store.TryOpenInside(page, client, out nint bitmap))
        {
            SetTheLongWay(_store, page, client);
            return;
        }
        default(TBits).Or(_store.WordInside(bitmap, page), 1UL << (int)page);
        _store.Verify(bitmap);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetTheLongWay(TStore store, long page, DirtyClient client)
    {
        CheckIn(store, page);
        bool entered = store.Enter();
        Set(store, page, client);
        store.Leave(entered);
    }

    // Inside a section.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Set(TStore store, long page, DirtyClient client)
    {
        nint bitmap = store.Open(client);
        if (bitmap == 0)
            return;
        default(TBits).Or(store.WordOf(bitmap, page), 1UL << (int)page);
        store.Verify(bitmap);
    }
}
