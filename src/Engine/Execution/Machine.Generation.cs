using Verify.Engine.Backends;
using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>tb_gen_code, with its ways to start again or give up, and what follows when there is no space.</summary>
public sealed partial class Machine<TInvalidation, TMemory, TAudit, TProtocol>
{
    /// <summary>Translates from a pc, holding the locks of the pages it reads from the first byte to publication (TB13).</summary>
    /// <remarks>
    /// After tb_gen_code of QEMU translate-all.c at ad17868e. Starts again if a page lock had to be dropped (-3) or the block cannot ever fit in the
    /// code buffer (-2, with half the instructions); gives up, with no lock held, if the buffer or the slots are exhausted (-1, TB17).
    /// Deviation: the slot is allocated last, so a restart has none to take back.
    /// </remarks>
    /// <returns>Null if there was no space: look again, or leave the loop if asked to.</returns>
    private TranslationBlock? TbGenCode(VCpu cpu, ulong pc, CodeAddress at, TbFlags flags, ref TranslationBlock? last)
    {
        int count = (int)(flags & TbFlags.CountMask);
        int max = count == 0 ? Options.MaxTbInstructions : count;
        while (true)
        {
            // As tcg_tb_alloc comes first: most of the time who finds no slot has not taken a lock yet, nor read guest code in vain.
            if (!Tb.Arena.IsFull)
            {
                using PageLocks held = PageLocks.Take(Tb.Pages, PageOf(at.Physical));
                if (TryGenerate(cpu, pc, at, flags, max, held) is { } tb)
                {
                    return tb;
                }

                TProtocol.GiveUp(held);
            }

            if (cpu.FetchAgain)
            {
                return null;
            }

            if (!MakeRoom(cpu, ref last))
            {
                return null;
            }
        }
    }

    private TranslationBlock? TryGenerate(VCpu cpu, ulong pc, CodeAddress at, TbFlags flags, int max, PageLocks held)
    {
        Span<Op> ops = stackalloc Op[Translator.MaxInstructions + 1];
        while (true)
        {
            BlockBuilder block = new(ops, pc, max);
            if (!Translate(cpu, ref block, at, held, out int page1))
            {
                continue;
            }

            if (block.Size == 0)
            {
                cpu.FetchAgain = true; // its first instruction has grown into the next page since its address was looked up
                return null;
            }

            if (block.Ops.Length > Tb.Arena.CodeCapacity && max > 1)
            {
                max /= 2;
                continue;
            }

            if (Tb.Arena.Allocate(block.Ops.Length, out long position) is not { } tb)
            {
                return null;
            }

            tb.Construct(pc, block.Size, PageOf(at.Physical), page1, flags, block.Ops.ToArray(), position);
            switch (Backend?.Generate(cpu, tb.Code))
            {
                case Generated.NoRoom:
                    Tb.Arena.FreeLast(tb.Code);
                    return null;
                case Generated.TooLong when max > 1:
                    Tb.Arena.FreeLast(tb.Code);
                    max /= 2;
                    continue;
                case Generated.TooLong:
                    throw new InvalidOperationException($"one instruction at 0x{pc:x} does not fit into a region of code memory");
            }

            if ((flags & TbFlags.NoCache) != 0)
            {
                Tb.Arena.Register(tb.Code);
                return tb;
            }

            TranslationBlock there = TProtocol.Publish(Tb, tb, held);
            if (there != tb)
            {
                Tb.Arena.FreeLast(tb.Code);
            }

            return there;
        }
    }

    /// <returns>False if the page locks were dropped and taken again: start again.</returns>
    private bool Translate(VCpu cpu, ref BlockBuilder block, CodeAddress at, PageLocks held, out int page1)
    {
        page1 = -1;
        int page0 = PageOf(at.Physical);
        TProtocol.PrepareToRead(Tb, page0, held);
        if (Translator.Translate<TMemory>(Ram, ref block, page0, -1))
        {
            return true;
        }

        bool isFirst = block.Size == 0; // one instruction on two pages has no choice
        if ((Options.BlocksSpanPages || isFirst) && SecondPage(cpu, at) is var page and >= 0)
        {
            if (!TProtocol.LockSecondPage(held, page))
            {
                return false;
            }

            page1 = page;
            TProtocol.PrepareToRead(Tb, page1, held);
            if (isFirst && !Options.BlocksSpanPages)
            {
                block.Limit(1);
            }

            if (Translator.Translate<TMemory>(Ram, ref block, page0, page1))
            {
                return true;
            }
        }

        block.Cut();
        return true;
    }

    /// <summary>There was no space for a new block. No page lock is held.</summary>
    /// <returns>True if there is space now; false if the vCPU has let go of its last block and must look again, or leave its loop if asked to.</returns>
    private bool MakeRoom(VCpu cpu, ref TranslationBlock? last)
    {
        if (_flush == FlushDiscipline.Exclusive)
        {
            if (cpu.ExclusiveDepth > 0)
            {
                FlushNow(cpu);
                return true;
            }

            last = null;
            TbFlush(cpu);
            return false;
        }

        if (!_hasGracePeriod || Tb.Arena.RetiredCount == 0)
        {
            FlushUnderTbLock(cpu);
            _invalidation.FlushedForSpace(cpu);
            return true;
        }

        last = null;
        WaitForSlots(cpu);
        return false;
    }
}
