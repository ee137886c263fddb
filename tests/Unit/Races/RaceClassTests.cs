using Verify.Checker.MemoryModels;
using Verify.Checker.Races;
using static Verify.Tests.Unit.Races.RaceProgram;

namespace Verify.Tests.Unit.Races;

public class RaceClassTests
{
    [Fact]
    public void Two_plain_writes_race_and_both_sides_are_named()
    {
        RaceReport race = new RaceProgram().Write(0, X, site: 7).Write(1, X, site: 9).Has(RaceClass.PlainPlain);
        Assert.Equal(new RaceSide(0, 7, AccessKind.Plain, IsWrite: true), race.First);
        Assert.Equal(new RaceSide(1, 9, AccessKind.Plain, IsWrite: true), race.Second);
        Assert.Equal(MissingEdge.Release, race.Missing);
        Assert.Contains("thread 0 releases nothing after its write", race.Explanation);
    }

    [Fact]
    public void A_plain_read_races_with_a_write_before_it() =>
        Assert.False(new RaceProgram().Write(0, X).Read(1, X).Has(RaceClass.PlainPlain).Second.IsWrite);

    [Fact]
    public void A_plain_write_races_with_a_read_before_it() =>
        Assert.False(new RaceProgram().Read(0, X).Write(1, X).Has(RaceClass.PlainPlain).First.IsWrite);

    [Fact]
    public void Reads_do_not_race() => new RaceProgram().Read(0, X).Read(1, X).Read(2, X).IsClean();

    [Fact]
    public void Different_locations_do_not_race() => new RaceProgram().Write(0, X).Write(1, Y).IsClean();

    [Fact]
    public void Neighbours_in_one_word_do_not_race() => new RaceProgram().Write(0, X, size: 4).Write(1, X + 4, size: 4).IsClean();

    [Fact]
    public void Halves_of_a_word_that_was_also_accessed_whole_do_not_race() =>
        new RaceProgram().Write(0, X).Start(0, 1).Write(0, X, size: 4).Write(1, X + 4, size: 4).Write(0, X + 2, size: 2).IsClean();

    [Fact]
    public void Overlapping_accesses_of_different_sizes_do() =>
        new RaceProgram().Write(0, X).Start(0, 1).Write(0, X, size: 4).Write(1, X + 2, size: 2).Has(RaceClass.PlainPlain);

    [Fact]
    public void A_thread_does_not_race_with_itself() => new RaceProgram().Write(0, X).Read(0, X).Write(0, X).IsClean();

    [Fact]
    public void A_write_races_with_each_of_several_unordered_readers()
    {
        RaceProgram program = new RaceProgram().Read(0, X, site: 1).Read(1, X, site: 2).Write(2, X, site: 3);
        Assert.Equal([1, 2], program.Races.Select(r => r.First.Site).Order());
    }

    [Fact]
    public void A_chain_of_lock_hand_overs_does_not_race() =>
        new RaceProgram().Read(0, X).Exit(0, 1).Read(1, X).Exit(1, 1).Enter(2, 1).Write(2, X).Exit(2, 1).Enter(0, 1).Write(0, X).IsClean();

    [Fact]
    public void A_misaligned_access_is_torn() =>
        Assert.Equal(
            AccessKind.Piece,
            new RaceProgram().Write(0, X + 4, size: 8, site: 1).Read(1, X + 4, size: 4, site: 2).Has(RaceClass.Torn).First.Kind);

    [Fact]
    public void A_misaligned_access_under_a_lock_is_not() =>
        new RaceProgram().Write(0, X + 4, size: 8).Exit(0, 1).Enter(1, 1).Read(1, X + 4, size: 8).IsClean();

    [Fact]
    public void A_plain_read_races_in_a_lower_class_with_a_volatile_write() =>
        new RaceProgram().VolatileWrite(0, X).Read(1, X).Has(RaceClass.PlainVolatile);

    [Fact]
    public void A_volatile_read_races_in_a_lower_class_with_a_plain_write() =>
        new RaceProgram().Write(0, X).VolatileRead(1, X).Has(RaceClass.PlainVolatile);

    [Fact]
    public void A_plain_write_races_in_a_lower_class_with_an_interlocked_operation() =>
        new RaceProgram().Exchange(0, X, 1).Write(1, X).Has(RaceClass.PlainVolatile);

    [Fact]
    public void Volatile_and_interlocked_accesses_do_not_race() =>
        new RaceProgram().VolatileWrite(0, X).VolatileRead(1, X).Exchange(2, X, 3).FailingCas(0, X).VolatileWrite(1, X).IsClean();

    [Fact]
    public void A_plain_read_repeated_at_one_site_is_a_spin()
    {
        RaceProgram program = new RaceProgram();
        for (int i = 0; i < 3; i++)
            program.Read(1, Flag, site: 50);
        program.Write(0, Flag);
        Assert.Equal(50, program.Has(RaceClass.PlainSpin).First.Site);
    }

    [Fact]
    public void A_plain_read_repeated_across_an_acquire_is_no_spin()
    {
        RaceProgram program = new RaceProgram();
        for (int i = 0; i < 5; i++)
            program.Read(1, Flag, site: 50).VolatileRead(1, Y);
        program.Write(0, Flag).Has(RaceClass.PlainPlain);
    }

    [Fact]
    public void Plain_reads_repeated_at_several_sites_are_no_spin()
    {
        RaceProgram program = new RaceProgram();
        for (int i = 0; i < 5; i++)
            program.Read(1, Flag, site: 50 + i);
        program.Write(0, Flag).Has(RaceClass.PlainPlain);
    }

    [Fact]
    public void A_race_is_reported_once_and_counted_in_every_execution()
    {
        RaceProgram program = new RaceProgram().Write(0, X, site: 1).Write(1, X, site: 2);
        Assert.Equal(1, program.Detector.RacesInExecution);
        program.Memory.Reset();
        Assert.Equal(0, program.Detector.RacesInExecution);
        program.Write(1, X, site: 2).Write(0, X, site: 1);
        Assert.Equal(1, program.Detector.RacesInExecution);
        Assert.Single(program.Races);
    }

    [Fact]
    public void An_execution_does_not_race_with_the_one_before()
    {
        RaceProgram program = new RaceProgram().Write(0, X);
        program.Memory.Reset();
        program.Write(1, X).IsClean();
    }

    [Fact]
    public void A_new_race_is_announced_while_it_happens()
    {
        List<RaceReport> announced = [];
        RaceDetector detector = new(announced.Add);
        WeakMemory<ArrayMemory> memory = new(new ArrayMemory(new byte[8]), new MemoryModelOptions(), SequentialChoices.Instance, detector);
        memory.Write(0, 0, 8, 1, AccessKind.Plain, 1);
        Assert.Empty(announced);
        memory.Write(1, 0, 8, 1, AccessKind.Plain, 2);
        Assert.Equal(detector.Reports, announced);
    }

    [Fact]
    public void Forty_threads_are_told_apart()
    {
        RaceProgram program = new RaceProgram();
        for (int thread = 0; thread < 40; thread++)
            program.Read(thread, X, site: 1000 + thread);
        program.Write(40, X);
        Assert.Equal(40, program.Races.Count);
    }
}
