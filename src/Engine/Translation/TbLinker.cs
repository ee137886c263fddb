namespace Verify.Engine.Translation;

/// <summary>Direct jumps between blocks: tb_add_jump, tb_remove_from_jmp_list and tb_jmp_unlink of QEMU tb-maint.c at 00f70884.</summary>
/// <remarks>
/// One lock a destination, none for origins. A jump (o, n) is on the list of d exactly if exit n of o leads to d, except while d's lock is held.
/// It trusts its caller that <c>origin</c> still describes the block that ran: that is the invalidation strategy's business. A list that a wrong
/// strategy or protocol has corrupted is reported as a <see cref="BrokenLinkException"/>, in finite time.
/// Deviation: a dying origin's own branch is reset too, so that a vCPU inside it comes back at its end; QEMU leaves the branch as it is.
/// </remarks>
public static class TbLinker
{
    /// <summary>Makes exit <paramref name="n"/> (0 or 1) of <paramref name="origin"/> branch to <paramref name="destination"/>.</summary>
    /// <returns>False, and nothing is changed, if the destination is invalid, or the exit is linked already or belongs to a dying block.</returns>
    public static bool AddJump(TranslationBlock origin, int n, TranslationBlock destination)
    {
        lock (destination.JumpLock)
        {
            // Under the lock: Invalidate sets the mark under it too, and unlinks later. So either we see the mark, or it sees our jump (TB07).
            if (destination.Invalid || !origin.TryClaim(n, destination))
            {
                return false;
            }

            origin.Code.SetTarget(n, destination.Code);
            PushIncoming(origin, n, destination);
            return true;
        }
    }

    /// <summary>Puts (origin, n) on the list of the destination, whose jump lock is held.</summary>
    public static void PushIncoming(TranslationBlock origin, int n, TranslationBlock destination)
    {
        origin.SetIncomingNext(n, destination.IncomingFirst);
        destination.IncomingFirst = new TbJump(origin, n);
    }

    /// <summary>Takes exit <paramref name="n"/> of the dying block off the list of its destination, for good: no later link of it succeeds.</summary>
    /// <exception cref="BrokenLinkException">The destination does not know the jump.</exception>
    public static void RemoveOutgoing(TranslationBlock tb, int n)
    {
        if (tb.MarkDying(n) is not { } destination)
        {
            return;
        }

        lock (destination.JumpLock)
        {
            // Read again: while we waited for the lock the destination may have been invalidated, and have given the exit back (TB08).
            if (tb.Destination(n).Block == null)
            {
                if (!destination.Invalid)
                {
                    throw new BrokenLinkException($"exit {n} of {tb} was unlinked from {destination}, which is not invalid");
                }

                return;
            }

            tb.Code.SetTarget(n, null);
            RemoveIncoming(destination, new TbJump(tb, n));
        }
    }

    /// <summary>Resets every jump that leads to the block, which is marked invalid: no new one can appear.</summary>
    /// <exception cref="BrokenLinkException">The list holds a jump that does not lead to the block.</exception>
    public static void UnlinkIncoming(TranslationBlock tb)
    {
        lock (tb.JumpLock)
        {
            TbJump jump = tb.IncomingFirst;
            while (jump.Origin is { } origin)
            {
                // Before the exit is given back: who claims it next, under another destination's lock, overwrites its next (TB09).
                TbJump next = origin.IncomingNext(jump.N);
                if (origin.Destination(jump.N).Block != tb)
                {
                    throw new BrokenLinkException($"exit {jump.N} of {origin} is on the list of {tb} but leads elsewhere");
                }

                origin.Code.SetTarget(jump.N, null);
                origin.Release(jump.N);
                jump = next;
            }

            tb.IncomingFirst = default;
        }
    }

    /// <summary>The jumps that lead to <paramref name="tb"/>, for tests and invariants. Under its jump lock, or while nothing runs.</summary>
    public static IEnumerable<TbJump> Incoming(TranslationBlock tb)
    {
        int left = 2 * CodeArena.MaxCapacity;
        for (TbJump jump = tb.IncomingFirst; jump.Origin is { } origin && left-- > 0; jump = origin.IncomingNext(jump.N))
        {
            yield return jump;
        }
    }

    /// <summary>Takes one jump off the list of <paramref name="destination"/>, whose jump lock is held.</summary>
    /// <exception cref="BrokenLinkException">It is not on the list.</exception>
    public static void RemoveIncoming(TranslationBlock destination, TbJump jump)
    {
        TbJump next = jump.Origin!.IncomingNext(jump.N);
        if (destination.IncomingFirst == jump)
        {
            destination.IncomingFirst = next;
            return;
        }

        foreach (TbJump at in Incoming(destination))
        {
            if (at.Origin!.IncomingNext(at.N) == jump)
            {
                at.Origin.SetIncomingNext(at.N, next);
                return;
            }
        }

        throw new BrokenLinkException($"exit {jump.N} of {jump.Origin} leads to {destination}, whose list does not hold it");
    }
}

/// <summary>The lists of jumps between blocks contradict themselves. With a sound strategy this is a defect of the engine.</summary>
public sealed class BrokenLinkException(string message) : Exception("broken link: " + message);
