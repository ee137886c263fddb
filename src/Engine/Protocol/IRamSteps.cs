using Verify.Engine.Execution;
using Verify.Engine.Rcu;

namespace Verify.Engine.Protocol;

/// <summary>RAM hot-plug and hot-unplug; races.md DM05, DM06, scenario 50.</summary>
public interface IRamSteps
{
    /// <summary>Makes one change of RAM at a time. Who holds the big lock gives it up meanwhile: a change waits for vCPUs, which may need it.</summary>
    static virtual void ChangeRam(BigLock bigLock, object plugLock, Action change)
    {
        bool held = bigLock.IsHeld;
        if (held)
        {
            bigLock.Exit(); // before the other lock is waited for, and taken again after that is free: nobody waits for one with the other in hand
        }

        try
        {
            lock (plugLock)
            {
                change();
            }
        }
        finally
        {
            if (held)
            {
                bigLock.Enter();
            }
        }
    }

    /// <summary>Waits for those who still use what was cut off a block. A vCPU is inside while its guest runs, and is asked to come out.</summary>
    static virtual void AwaitReaders(RcuDomain<SymmetricRcu> rcu) => rcu.SynchronizeAndForce();

    /// <summary>A block comes: dirty memory grows for every client before the block can be found, then its pages are marked dirty.</summary>
    static virtual void AddBlock(Action extend, Action publish, Action markDirty)
    {
        extend();
        publish();
        markDirty();
    }

    /// <summary>
    /// A block goes: nobody finds it any more, then every vCPU forgets its translations, then, a grace period later, its memory is freed.
    /// </summary>
    static virtual void RemoveBlock(Action unpublish, Action flushTranslations, Action freeAfterGracePeriod)
    {
        unpublish();
        flushTranslations();
        freeAfterGracePeriod();
    }
}
