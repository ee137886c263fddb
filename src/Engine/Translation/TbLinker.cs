namespace Verify.Engine.Translation;

/// <summary>Direct jumps between blocks: tb_add_jump, tb_jmp_remove and tb_jmp_unlink. Everything under TbLock.</summary>
/// <remarks>
/// It trusts its arguments as QEMU 2.6 does: whether <c>origin</c> still describes the block that ran is the invalidation strategy's business.
/// Its loops end even on lists that a wrong strategy has corrupted: each takes one element away, or gives up where a list leaves its destination.
/// </remarks>
public static class TbLinker
{
    /// <summary>
    /// Makes exit <paramref name="n"/> (0 or 1) of the block in <paramref name="origin"/> branch to <paramref name="destination"/>.
    /// </summary>
    /// <returns>False if that exit is linked already; nothing is changed then.</returns>
    public static bool AddJump(TranslationBlock origin, int n, TranslationBlock destination)
    {
        if (origin.Destination(n) != null)
        {
            return false;
        }

        origin.SetOutgoing(n, destination, destination.IncomingFirst);
        destination.IncomingFirst = new TbJump(origin, n);
        origin.Code.SetTarget(n, destination.Code);
        return true;
    }

    /// <summary>Takes the block's own exits off the incoming lists of their destinations.</summary>
    public static void RemoveOutgoing(TranslationBlock tb)
    {
        for (int n = 0; n < 2; n++)
        {
            if (tb.Destination(n) is { } destination)
            {
                RemoveIncoming(destination, new TbJump(tb, n));
                tb.SetOutgoing(n, null, default);
                tb.Code.SetTarget(n, null);
            }
        }
    }

    /// <summary>Resets every jump that leads to the block.</summary>
    public static void RemoveAllIncoming(TranslationBlock tb)
    {
        while (tb.IncomingFirst.Origin is { } origin)
        {
            int n = tb.IncomingFirst.N;
            tb.IncomingFirst = origin.IncomingNext(n);
            origin.SetOutgoing(n, null, default);
            origin.Code.SetTarget(n, null);
        }
    }

    /// <summary>The jumps that lead to <paramref name="tb"/>, for tests and asserts.</summary>
    public static IEnumerable<(TranslationBlock Origin, int N)> Incoming(TranslationBlock tb)
    {
        for (TbJump jump = tb.IncomingFirst; jump.Origin is { } origin && origin.Destination(jump.N) == tb; jump = origin.IncomingNext(jump.N))
        {
            yield return (origin, jump.N);
        }
    }

    private static void RemoveIncoming(TranslationBlock destination, TbJump jump)
    {
        if (destination.IncomingFirst == jump)
        {
            destination.IncomingFirst = jump.Origin!.IncomingNext(jump.N);
            return;
        }

        TbJump at = destination.IncomingFirst;
        for (int left = CodeArena.MaxCapacity; left > 0 && at.Origin is { } origin && origin.Destination(at.N) == destination; left--)
        {
            TbJump next = origin.IncomingNext(at.N);
            if (next == jump)
            {
                origin.SetOutgoing(at.N, destination, jump.Origin!.IncomingNext(jump.N));
                return;
            }

            at = next;
        }
    }
}
