using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="BlockStore{TRcu}"/>: the block index does not advance at the end of a block (scenario 51).</summary>
/// <param name="store">The real one.</param>
/// <param name="reader">Its reader, registered with <paramref name="rcu"/>.</param>
public readonly unsafe struct StuckBlockStore<TRcu>(BlockStore<TRcu> store, RcuReader<TRcu> reader, RcuDomain<TRcu> rcu) : IBitmapStore
    where TRcu : struct, IRcuVariant
{
    private const long BlockPages = 64;

    public BitmapRoots Roots => store.Roots;

    public bool HasSections => false;

    public bool TryOpenInside(long page, DirtyClient client, out nint bitmap) => store.TryOpenInside(page, client, out bitmap);

    public ulong* WordInside(nint bitmap, long page) => store.WordInside(bitmap, page);

    public bool Enter() => store.Enter();

    public void Leave(bool entered) => store.Leave(entered);

    public nint Open(DirtyClient client) => store.Open(client);

    public void Verify(nint bitmap) => store.Verify(bitmap);

    public ulong* WordOf(nint bitmap, long page) => store.WordOf(bitmap, page % BlockPages); // the wrong line: always the first block

    public ulong* SegmentOf(nint bitmap, long page, ref long wanted, out long offset) => store.SegmentOf(bitmap, page, ref wanted, out offset);

    public void Detach() => rcu.Unregister(reader);
}
