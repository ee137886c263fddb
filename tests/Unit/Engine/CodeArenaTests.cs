using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Tests.Unit.Engine;

public class CodeArenaTests
{
    private static readonly Op[] s_ops = [new Op { Code = Opcode.Ecall }];

    [Fact]
    public void A_flush_recycles_every_slot_and_each_gets_a_new_generation()
    {
        CodeArena arena = new(3, 64, TbStorage.RecycledAtOnce);
        TranslationBlock[] first = Fill(arena);
        TbCode[] code = first.Select(tb => tb.Code).ToArray();
        Assert.Null(arena.Allocate(1, out _));

        arena.Reset();

        Assert.Equal(first, Fill(arena));
        Assert.All(first, tb => Assert.Equal(2UL, tb.Generation));
        Assert.All(code, old => Assert.Equal(1UL, old.Generation));
        Assert.All(first.Zip(code), pair => Assert.NotSame(pair.First.Code, pair.Second));
    }

    [Fact]
    public void After_a_grace_period_means_not_before_it_ends()
    {
        CodeArena arena = new(3, 64, TbStorage.AfterGracePeriod);
        TranslationBlock first = arena.Allocate(1, out _)!;
        arena.Reset();
        Assert.Equal(1, arena.RetiredCount);

        TranslationBlock[] rest = Fill(arena);
        Assert.Equal(2, rest.Length);
        Assert.DoesNotContain(first, rest);

        arena.EndGracePeriod();
        Assert.Equal([first], Fill(arena));
    }

    [Fact]
    public void Live_blocks_are_those_handed_out_since_the_flush()
    {
        CodeArena arena = new(3, 64, TbStorage.AfterGracePeriod);
        Fill(arena);
        arena.Reset();
        Assert.Empty(arena.Live());
        arena.EndGracePeriod();
        TranslationBlock tb = arena.Allocate(1, out long position)!;
        Assert.Equal([tb], arena.Live());
        tb.Construct(0x1000, 4, 0, -1, TbFlags.None, s_ops, position);
        arena.FreeLast(tb.Code);
        Assert.Empty(arena.Live());
    }

    [Fact]
    public void A_construction_takes_the_invalid_mark_away()
    {
        CodeArena arena = new(2, 64, TbStorage.RecycledAtOnce);
        TranslationBlock tb = Fill(arena)[0];
        tb.MarkInvalid();
        arena.Reset();
        Assert.True(tb.Invalid);
        Fill(arena);
        Assert.False(tb.Invalid);
    }

    [Fact]
    public void A_position_leads_to_the_block_that_covers_it_until_the_flush()
    {
        CodeArena arena = new(3, 8, TbStorage.RecycledAtOnce);
        TbCode[] code = [.. new[] { 3, 1, 4 }.Select(ops =>
        {
            TranslationBlock tb = arena.Allocate(ops, out long position)!;
            tb.Construct(0x1000, 4, 0, -1, TbFlags.None, new Op[ops], position);
            return tb.Code;
        })];
        foreach (TbCode each in code.Reverse()) // as parallel translators may
        {
            arena.Register(each);
        }

        Assert.Equal([code[0], code[0], code[0], code[1], code[2], code[2], code[2], code[2], null], Enumerable.Range(0, 9).Select(i => arena.FindCode(i)));
        arena.FreeLast(code[2]);
        Assert.Null(arena.FindCode(4));
        Assert.Null(arena.Allocate(5, out _)); // a slot, but no room
        arena.Reset();
        Assert.Null(arena.FindCode(0));
        Assert.NotNull(arena.Allocate(8, out long again));
        Assert.Equal(4, again); // a position is never used twice, except that of a block that was freed
    }

    private static TranslationBlock[] Fill(CodeArena arena)
    {
        List<TranslationBlock> blocks = [];
        while (arena.Allocate(1, out long position) is { } tb)
        {
            tb.Construct(0x1000, 4, 0, -1, TbFlags.None, s_ops, position);
            arena.Register(tb.Code);
            blocks.Add(tb);
        }

        return [.. blocks];
    }
}
