namespace Verify.Engine.Protocol;

/// <summary>RAM hot-plug and hot-unplug; races.md DM05, DM06, scenario 50.</summary>
public interface IRamSteps
{
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
