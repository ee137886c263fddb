using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Tests.Unit.Engine;

public class TbLinkerTests
{
    private readonly CodeArena _arena = new(4, 64, TbStorage.RecycledAtOnce);
    private readonly TranslationBlock _a, _b, _c;

    public TbLinkerTests() => (_a, _b, _c) = (Block(), Block(), Block());

    [Fact]
    public void A_link_is_known_at_both_ends_and_patches_the_code()
    {
        Assert.True(TbLinker.AddJump(_a, 1, _b));
        Assert.Same(_b.Code, _a.Code.Target1);
        Assert.Null(_a.Code.Target0);
        Assert.Equal([new TbJump(_a, 1)], TbLinker.Incoming(_b));
    }

    [Fact]
    public void An_exit_is_linked_once()
    {
        TbLinker.AddJump(_a, 0, _b);
        Assert.False(TbLinker.AddJump(_a, 0, _c));
        Assert.Same(_b.Code, _a.Code.Target0);
        Assert.Empty(TbLinker.Incoming(_c));
    }

    [Fact]
    public void Unlinking_a_destination_resets_every_jump_to_it_and_no_other()
    {
        TbLinker.AddJump(_a, 0, _b);
        TbLinker.AddJump(_b, 1, _b);
        TbLinker.AddJump(_c, 0, _b);
        TbLinker.AddJump(_a, 1, _c);

        _b.MarkInvalid();
        TbLinker.UnlinkIncoming(_b);

        Assert.Empty(TbLinker.Incoming(_b));
        Assert.Null(_a.Code.Target0);
        Assert.Null(_b.Code.Target1);
        Assert.Null(_c.Code.Target0);
        Assert.Same(_c.Code, _a.Code.Target1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void An_origin_leaves_the_incoming_list_from_any_place_in_it(int which)
    {
        TranslationBlock[] origins = [_a, _b, _c];
        TranslationBlock destination = Block();
        foreach (TranslationBlock origin in origins)
        {
            TbLinker.AddJump(origin, 0, destination);
        }

        TbLinker.RemoveOutgoing(origins[which], 0);

        Assert.Equal(
            origins.Where((_, i) => i != which).Select(o => new TbJump(o, 0)).OrderBy(j => j.Origin!.Index),
            TbLinker.Incoming(destination).OrderBy(j => j.Origin!.Index));
        Assert.Null(origins[which].Code.Target0);
    }

    [Fact]
    public void A_list_corrupted_by_a_stale_link_is_reported_in_finite_time()
    {
        TbLinker.AddJump(_a, 0, _b);
        _a.Construct(0x9000, 4, 0, -1, TbFlags.None, _a.Code.Ops, 100); // recycled while b still lists it
        TbLinker.AddJump(_a, 0, _b);                                    // now the list is a cycle
        Assert.Throws<BrokenLinkException>(() => TbLinker.UnlinkIncoming(_b));
        Assert.Throws<BrokenLinkException>(() => TbLinker.RemoveIncoming(_b, new TbJump(_c, 0)));
    }

    [Fact]
    public void An_invalid_destination_is_refused_and_a_dying_origin_cannot_be_linked()
    {
        _b.MarkInvalid();
        Assert.False(TbLinker.AddJump(_a, 0, _b));
        TbLinker.RemoveOutgoing(_a, 0);
        Assert.False(TbLinker.AddJump(_a, 0, _c));
        Assert.True(TbLinker.AddJump(_a, 1, _c));
        Assert.Equal((null, true), _a.Destination(0));
    }

    [Fact]
    public void The_dying_mark_survives_the_invalidation_of_the_destination()
    {
        TbLinker.AddJump(_a, 0, _b);
        Assert.Same(_b, _a.MarkDying(0));
        _b.MarkInvalid();
        TbLinker.UnlinkIncoming(_b);
        Assert.Equal((null, true), _a.Destination(0));
        TbLinker.RemoveOutgoing(_a, 0); // finds it unlinked
    }

    private TranslationBlock Block()
    {
        TranslationBlock tb = _arena.Allocate(1, out _)!;
        tb.Construct(0x1000 + (ulong)(16 * tb.Index), 4, 0, -1, TbFlags.None, [new Op { Code = Opcode.Ecall }], tb.Index);
        return tb;
    }
}
