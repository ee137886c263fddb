using Verify.Engine.Rcu;

namespace Verify.Tests.Unit.Rcu;

public class RcuTortureTests
{
    private const int Updates = 3000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_reader_holds_a_freed_object_with_fences_on_both_sides(bool deferred) =>
        Assert.Equal(0, RcuTorture.Run<SymmetricRcu>(2, Updates, deferred));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_reader_holds_a_freed_object_with_a_process_wide_fence(bool deferred) =>
        Assert.Equal(0, RcuTorture.Run<AsymmetricRcu>(2, Updates, deferred));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_reader_holds_a_freed_object_with_one_phase_bit(bool deferred) =>
        Assert.Equal(0, RcuTorture.Run<TwoPhaseRcu>(2, Updates, deferred));

    [Fact]
    public void The_torture_finds_a_domain_that_does_not_wait() =>
        Assert.NotEqual(0, RcuTorture.Run<NoWaitRcu>(2, 200_000, false));

    /// <summary>Wrong on purpose: a grace period that waits for nobody. Shows that the torture above can fail.</summary>
    private readonly struct NoWaitRcu : IRcuVariant
    {
        public void FenceAfterEnter() => Interlocked.MemoryBarrier();

        public void FenceAfterLeave() => Interlocked.MemoryBarrier();

        public void FenceBeforeScan() => Interlocked.MemoryBarrier();

        public void FenceAfterMarking() => Interlocked.MemoryBarrier();

        public int PhasesPerGracePeriod => 1;

        public long NextPhase(long current) => current + 2;

        public void AwaitReaders(RcuRegistry registry)
        {
        }
    }
}
