using Verify.Engine.Translation;

namespace Verify.Engine.Protocol;

/// <summary>Steps of tb_gen_code and tb_link_page; races.md TB13, TB15, TB16, TB17, TB18, TB20.</summary>
public interface IGenerateSteps
{
    /// <summary>
    /// The page is locked and its bytes are about to be read: make every store that does not see our page flag visible to us first.
    /// </summary>
    static virtual void PrepareToRead(TbContext context, int page, PageLocks held) => context.Pages.MarkCode(page, held);

    /// <summary>Translation goes on into a second page.</summary>
    /// <returns>False if the locks were dropped to take both in order: translate again from the start.</returns>
    static virtual bool LockSecondPage(PageLocks held, int page) => held.AddOrRelock(page);

    /// <summary>There is no space: translation gives up, and lets go of all page locks before it asks for a flush (TB17).</summary>
    static virtual void GiveUp(PageLocks held) => held.Dispose();

    /// <summary>Makes a constructed block findable.</summary>
    /// <returns>The block to use: this one, or an equal one that was there first; then this one is on no list.</returns>
    static virtual TranslationBlock Publish(TbContext context, TranslationBlock tb, PageLocks held)
    {
        context.Arena.Register(tb.Code); // 1. A vCPU that finds it and faults must be able to restore its state (TB18).
        context.Pages.Add(tb, held);     // 2. A store must be able to find it before anybody runs it.
        TranslationBlock existing = context.Hash.Insert(tb);
        if (existing != tb)
        {
            context.Pages.Remove(tb, held);
        }

        return existing;
    }
}
