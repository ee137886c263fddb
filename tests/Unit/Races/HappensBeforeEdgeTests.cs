using Verify.Checker.MemoryModels;
using Verify.Checker.Races;
using static Verify.Tests.Unit.Races.RaceProgram;

namespace Verify.Tests.Unit.Races;

/// <summary>Each kind of edge: with it no race, without it the race and the edge that is missing.</summary>
public class HappensBeforeEdgeTests
{
    // Thread 0 writes X and makes the edge, thread 1 takes it and reads X.
    private static RaceProgram Message(Func<RaceProgram, RaceProgram> edge) => edge(new RaceProgram().Write(0, X)).Read(1, X);

    private static void RacesOnX(RaceProgram program, MissingEdge missing)
    {
        // The plain flag of some of these is a race of its own; the one on X is noticed at the last site.
        RaceReport race = program.Races.Single(r => r.First.Site == 0);
        Assert.Equal(RaceClass.PlainPlain, race.Class);
        Assert.Equal(missing, race.Missing);
    }

    private static void IsCleanOnX(RaceProgram program) => Assert.DoesNotContain(program.Races, r => r.First.Site == 0);

    [Fact]
    public void A_volatile_write_releases_to_the_volatile_read_that_returns_it() =>
        Message(p => p.VolatileWrite(0, Flag).VolatileRead(1, Flag)).IsClean();

    [Fact]
    public void A_volatile_read_before_the_write_acquires_nothing() =>
        RacesOnX(Message(p => p.VolatileRead(1, Flag).VolatileWrite(0, Flag)), MissingEdge.Acquire);

    [Fact]
    public void A_volatile_read_that_returns_an_older_write_acquires_nothing()
    {
        RaceProgram program = new(new Stale());
        RacesOnX(program.Write(0, X).VolatileWrite(0, Flag).VolatileRead(1, Flag).Read(1, X), MissingEdge.Acquire);
    }

    [Fact]
    public void A_plain_write_alone_releases_nothing() =>
        RacesOnX(Message(p => p.Write(0, Flag).VolatileRead(1, Flag)), MissingEdge.Release);

    [Fact]
    public void A_plain_write_behind_a_write_barrier_releases() =>
        IsCleanOnX(Message(p => p.Fence(0, FenceKind.Write).Write(0, Flag).VolatileRead(1, Flag)));

    [Fact]
    public void A_plain_write_behind_a_write_barrier_releases_nothing_that_is_behind_it_too() =>
        RacesOnX(
            new RaceProgram().Fence(0, FenceKind.Write).Write(0, X, site: 0).Write(0, Flag).VolatileRead(1, Flag).Read(1, X),
            MissingEdge.Release);

    [Fact]
    public void A_plain_write_behind_a_full_fence_releases() =>
        IsCleanOnX(Message(p => p.Fence(0, FenceKind.Full).Write(0, Flag).VolatileRead(1, Flag)));

    [Fact]
    public void A_plain_write_behind_a_read_barrier_does_not() =>
        RacesOnX(Message(p => p.Fence(0, FenceKind.Read).Write(0, Flag).VolatileRead(1, Flag)), MissingEdge.Release);

    [Theory]
    [InlineData(FenceKind.Read)]
    [InlineData(FenceKind.Full)]
    public void A_plain_read_acquires_at_the_next_barrier(FenceKind fence) =>
        IsCleanOnX(Message(p => p.VolatileWrite(0, Flag).Read(1, Flag).Fence(1, fence)));

    [Fact]
    public void A_plain_read_acquires_nothing_by_itself() =>
        RacesOnX(Message(p => p.VolatileWrite(0, Flag).Read(1, Flag)), MissingEdge.ReadBarrier);

    [Fact]
    public void A_plain_read_acquires_nothing_at_a_write_barrier() =>
        RacesOnX(Message(p => p.VolatileWrite(0, Flag).Read(1, Flag).Fence(1, FenceKind.Write)), MissingEdge.ReadBarrier);

    [Fact]
    public void An_interlocked_operation_acquires_what_it_reads_and_releases() =>
        Message(p => p.Exchange(0, Flag, 1).Exchange(1, Flag, 2)).IsClean();

    [Fact]
    public void A_failing_compare_exchange_acquires() =>
        Message(p => p.VolatileWrite(0, Flag).FailingCas(1, Flag)).IsClean();

    [Fact]
    public void A_failing_compare_exchange_makes_later_plain_writes_release() =>
        IsCleanOnX(Message(p => p.FailingCas(0, Y).Write(0, Flag).VolatileRead(1, Flag)));

    [Fact]
    public void Interlocked_operations_in_between_pass_a_release_on() =>
        Message(p => p.VolatileWrite(0, Flag).Exchange(2, Flag, 2).VolatileRead(1, Flag)).IsClean();

    [Fact]
    public void A_volatile_write_in_between_does_not() =>
        RacesOnX(Message(p => p.VolatileWrite(0, Flag).VolatileWrite(2, Flag, 2).VolatileRead(1, Flag)), MissingEdge.Acquire);

    [Fact]
    public void Leaving_a_lock_releases_to_who_enters_it() => Message(p => p.Exit(0, 5).Enter(1, 5)).IsClean();

    [Fact]
    public void Another_lock_does_not() => RacesOnX(Message(p => p.Exit(0, 5).Enter(1, 6)), MissingEdge.Acquire);

    [Fact]
    public void Entering_before_the_other_leaves_does_not() => RacesOnX(Message(p => p.Enter(1, 5).Exit(0, 5)), MissingEdge.Acquire);

    [Fact]
    public void A_started_thread_follows_its_creator() => Message(p => p.Start(0, 1)).IsClean();

    [Fact]
    public void A_creator_does_not_follow_what_it_started() =>
        RacesOnX(new RaceProgram().Start(1, 0).Write(0, X, site: 0).Read(1, X), MissingEdge.Release);

    [Fact]
    public void What_a_creator_does_after_the_start_is_not_ordered() =>
        RacesOnX(new RaceProgram().Start(0, 1).Write(0, X, site: 0).Read(1, X), MissingEdge.Release);

    [Fact]
    public void A_join_follows_the_thread_that_ended() => Message(p => p.Join(1, 0)).IsClean();

    [Fact]
    public void A_join_orders_no_one_else() => RacesOnX(Message(p => p.Join(2, 0)), MissingEdge.Acquire);

    [Fact]
    public void A_static_constructor_is_before_everyone() => Message(p => p.StaticConstructor(0)).IsClean();

    [Fact]
    public void What_follows_a_static_constructor_is_not() =>
        RacesOnX(new RaceProgram().StaticConstructor(0).Write(0, X, site: 0).Read(1, X), MissingEdge.Release);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_process_wide_barrier_orders_all_threads_whoever_makes_it(int thread) =>
        Message(p => p.Fence(thread, FenceKind.ProcessWide)).IsClean();

    [Fact]
    public void What_follows_a_process_wide_barrier_is_not_ordered() =>
        RacesOnX(new RaceProgram().Fence(1, FenceKind.ProcessWide).Write(0, X, site: 0).Read(1, X), MissingEdge.Release);

    [Fact]
    public void A_field_written_before_its_object_was_published_is_ordered()
    {
        const nuint Handle = 64;
        RaceProgram program = new RaceProgram().Write(0, X, owner: Handle).Write(0, Flag, Handle, AccessKind.Reference);
        IsCleanOnX(program.Read(1, Flag, AccessKind.Reference).Read(1, X, owner: Handle));
    }

    [Fact]
    public void A_field_written_after_its_object_was_published_is_not()
    {
        const nuint Handle = 64;
        RaceProgram program = new RaceProgram().Write(0, Flag, Handle, AccessKind.Reference, site: 5).Write(0, X, owner: Handle, site: 0);
        RacesOnX(program.Read(1, Flag, AccessKind.Reference).Read(1, X, owner: Handle), MissingEdge.Release);
    }

    [Fact]
    public void Publication_of_an_object_orders_no_static_and_no_other_object()
    {
        const nuint Handle = 64;
        RaceProgram program = new RaceProgram().Write(0, X).Write(0, Flag, Handle, AccessKind.Reference).Read(1, Flag, AccessKind.Reference);
        RacesOnX(program.Read(1, X), MissingEdge.Acquire);
        RaceProgram other = new RaceProgram().Write(0, X, owner: 72).Write(0, Flag, Handle, AccessKind.Reference);
        RacesOnX(other.Read(1, X, owner: 72), MissingEdge.Acquire);
    }

    [Fact]
    public void Edges_are_transitive() =>
        Message(p => p.VolatileWrite(0, Flag).VolatileRead(2, Flag).Exit(2, 3).Enter(1, 3)).IsClean();

    /// <summary>Reads the oldest admissible write.</summary>
    private sealed class Stale : IWeakChoices
    {
        public int ReadFrom(int thread, int candidates, int site) => candidates - 1;

        public int Place(int thread, int slots, int site) => 0;
    }
}
