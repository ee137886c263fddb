using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Tests.Unit.Engine;

/// <summary>The decision table of each strategy: events of races.md 2.3 against the uses U1 (may patch) and U2 (origin survives).</summary>
public class InvalidationTests
{
    private readonly VCpu _v0 = new(0, 1), _v1 = new(1, 1);
    private readonly CodeArena _arena = new(4, 64, TbStorage.RecycledAtOnce);
    private readonly TranslationBlock _last, _next;

    public InvalidationTests()
    {
        _last = Construct();
        _next = Construct();
    }

    [Fact]
    public void The_global_flag_is_lost_to_a_slow_lookup_of_another_vcpu()
    {
        GlobalFlagInvalidation strategy = Start<GlobalFlagInvalidation>();
        strategy.FlushedForSpace(_v0);
        strategy.SlowLookup(_v1);
        Assert.True(strategy.MayPatch(_v1, _last, _next)); // TB01
    }

    [Fact]
    public void The_global_flag_is_lost_to_the_vcpu_that_acts_on_it_first()
    {
        GlobalFlagInvalidation strategy = Start<GlobalFlagInvalidation>();
        strategy.FlushedForSpace(_v0);
        Assert.False(strategy.MayPatch(_v0, null, _next));
        Assert.True(strategy.MayPatch(_v1, _last, _next)); // TB01
    }

    [Fact]
    public void The_global_flag_hears_of_invalidation_and_flush_for_space_but_not_of_flush()
    {
        GlobalFlagInvalidation strategy = Start<GlobalFlagInvalidation>();
        Flush(ref strategy);
        Assert.True(strategy.MayPatch(_v0, _last, _next)); // TB01 b
        strategy.Invalidated(_next);
        Assert.False(strategy.OriginSurvives(_v0, _last, strategy.NoCacheStarts(_v0)));
        Assert.False(strategy.MayPatch(_v0, _last, _next));
        Assert.True(strategy.MayPatch(_v0, _last, _next));
    }

    [Fact]
    public void A_flush_reaches_every_vcpu_once_through_its_own_flag()
    {
        PerCpuFlagInvalidation strategy = Start<PerCpuFlagInvalidation>();
        Flush(ref strategy);
        strategy.SlowLookup(_v1);
        Assert.False(strategy.MayPatch(_v0, null, _next)); // no last block: not consumed
        Assert.False(strategy.MayPatch(_v0, _last, _next));
        Assert.True(strategy.MayPatch(_v0, _last, _next));
        Assert.False(strategy.MayPatch(_v1, _last, _next));
        Flush(ref strategy);
        strategy.RunStarts(_v1);
        Assert.True(strategy.MayPatch(_v1, _last, _next));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pending_flag_survives_a_temporary_block_and_is_not_taken_for_a_new_flush(bool flushBefore)
    {
        PerCpuFlagInvalidation strategy = Start<PerCpuFlagInvalidation>();
        if (flushBefore)
        {
            Flush(ref strategy);
        }

        Assert.True(strategy.OriginSurvives(_v0, _last, strategy.NoCacheStarts(_v0)));
        Assert.Equal(!flushBefore, strategy.MayPatch(_v0, _last, _next));
    }

    [Fact]
    public void The_counter_notices_a_flush_between_choice_and_patch()
    {
        FlushCounterInvalidation strategy = Start<FlushCounterInvalidation>();
        strategy.BlockChosen(_v0);
        Assert.True(strategy.MayPatch(_v0, _last, _next));
        Flush(ref strategy);
        strategy.CodeLeft(_v0);
        strategy.SlowLookup(_v0);
        Assert.False(strategy.MayPatch(_v0, _last, _next));
        strategy.BlockChosen(_v0);
        Assert.True(strategy.MayPatch(_v0, _last, _next));
    }

    [Fact]
    public void The_mark_tells_of_flush_and_invalidation_until_the_slot_is_reused()
    {
        ValidMarkInvalidation strategy = Start<ValidMarkInvalidation>();
        Assert.True(strategy.MayPatch(_v0, _last, _next));
        Flush(ref strategy);
        Assert.False(strategy.MayPatch(_v0, _last, _next));
        Assert.False(strategy.OriginSurvives(_v0, _last, 0));
        _arena.Reset();
        TranslationBlock again = Construct(), next = Construct();
        Assert.Same(_last, again);
        Assert.True(strategy.MayPatch(_v0, _last, next)); // TB04
        next.MarkInvalid();
        Assert.False(strategy.MayPatch(_v0, _last, next));
    }

    [Fact]
    public void Every_sound_strategy_refuses_after_a_flush_and_reports_it_to_a_temporary_block()
    {
        RefusesAfterFlush<PerCpuFlagInvalidation>();
        RefusesAfterFlush<FlushCounterInvalidation>();
        RefusesAfterFlush<ValidMarkInvalidation>();
    }

    [Fact]
    public void The_catalogue_names_each_strategy_once_and_says_why_an_unsound_one_is()
    {
        Assert.Equal(["global-flag", "per-cpu-flag", "flush-counter", "valid-marker", "exclusive-flush"],
            InvalidationCatalog.All.Select(e => e.Name));
        Assert.Equal(["global-flag"], InvalidationCatalog.All.Where(e => !e.IsSound).Select(e => e.Name));
        Assert.Equal(20, InvalidationCatalog.Combinations.Select(e => e.Name).Distinct().Count());
        Assert.All(InvalidationCatalog.Combinations, e => Assert.Equal(e, InvalidationCatalog.Find(e.Name)));
        Assert.All(InvalidationCatalog.Combinations.Where(e => e.Flush == FlushDiscipline.Exclusive), e => Assert.True(e.IsSound));
        Assert.All(InvalidationCatalog.All, e => Assert.Contains(
            InvalidationCatalog.Combinations, c => (c.Flush, c.Storage, c.IsSound) == (e.Flush, e.Storage, e.IsSound) && c.Name.StartsWith(e.Name + "/", StringComparison.Ordinal)));
        UnknownStrategyException unknown = Assert.Throws<UnknownStrategyException>(() => InvalidationCatalog.Find("global"));
        Assert.All(InvalidationCatalog.All, entry => Assert.Contains(entry.Name, unknown.Message));
        Assert.DoesNotContain('\n', unknown.Message);
    }

    private void RefusesAfterFlush<T>()
        where T : struct, IInvalidationStrategy
    {
        T strategy = Start<T>();
        strategy.BlockChosen(_v0);
        ulong started = strategy.NoCacheStarts(_v0);
        Flush(ref strategy);
        Assert.False(strategy.OriginSurvives(_v0, _last, started));
        Assert.False(strategy.MayPatch(_v0, _last, _next));
        _arena.Reset();
        Construct();
        Construct();
    }

    private static T Start<T>()
        where T : struct, IInvalidationStrategy
    {
        T strategy = default;
        strategy.Attach(2);
        return strategy;
    }

    private void Flush<T>(ref T strategy)
        where T : struct, IInvalidationStrategy
    {
        strategy.CpuFlushed(_v0);
        strategy.CpuFlushed(_v1);
        strategy.Flushed(_arena);
    }

    private TranslationBlock Construct()
    {
        TranslationBlock tb = _arena.Allocate(1, out _)!;
        tb.Construct(0x1000, 4, 0, -1, TbFlags.None, [new Op { Code = Opcode.Ecall }], 0);
        return tb;
    }
}
