using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Tests.Unit.Engine;

public class TbLinkerTests
{
    private readonly TranslationBlock _a = Block(0), _b = Block(1), _c = Block(2);

    [Fact]
    public void A_link_is_known_at_both_ends_and_patches_the_code()
    {
        Assert.True(TbLinker.AddJump(_a, 1, _b));
        Assert.Same(_b.Code, _a.Code.Target1);
        Assert.Null(_a.Code.Target0);
        Assert.Equal([(_a, 1)], TbLinker.Incoming(_b));
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

        TbLinker.RemoveAllIncoming(_b);

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
        TranslationBlock destination = Block(3);
        foreach (TranslationBlock origin in origins)
        {
            TbLinker.AddJump(origin, 0, destination);
        }

        TbLinker.RemoveOutgoing(origins[which]);

        Assert.Equal(
            origins.Where((_, i) => i != which).Select(o => (o, 0)).OrderBy(j => j.o.Index),
            TbLinker.Incoming(destination).OrderBy(j => j.Origin.Index));
        Assert.Null(origins[which].Code.Target0);
    }

    [Fact]
    public void A_list_corrupted_by_a_stale_link_is_unlinked_in_finite_time()
    {
        TbLinker.AddJump(_a, 0, _b);
        _a.Construct(0x9000, 4, TbFlags.None, _a.Code.Ops); // recycled while b still lists it
        TbLinker.AddJump(_a, 0, _b);                        // now the list is a cycle
        TbLinker.RemoveAllIncoming(_b);
        Assert.Empty(TbLinker.Incoming(_b));
    }

    private static TranslationBlock Block(int index)
    {
        TranslationBlock tb = new(index);
        tb.Construct(0x1000 + (ulong)(16 * index), 4, TbFlags.None, [new Op { Code = Opcode.Ecall }]);
        return tb;
    }
}
