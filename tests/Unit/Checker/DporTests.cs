using Verify.Checker.Exploration;
using Verify.Checker.Shims;

namespace Verify.Tests.Unit.Checker;

/// <summary>The number of executions run to their end is the number of classes, worked out by hand.</summary>
public class DporTests
{
    // Each thread writes once to one location: every order of the writes is a class of its own.
    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 6)]
    [InlineData(4, 24)]
    public void Writers_of_one_location_have_a_class_an_order(int threads, int expected) => Expect(expected, () =>
    {
        int x = 0;
        Program.InParallel([.. Enumerable.Range(0, threads).Select(i => (Action)(() => VolatileShim.Write(ref x, i, 0)))]);
    });

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Threads_that_share_nothing_have_one_class(int threads) => Expect(1, () =>
    {
        int[] x = new int[threads];
        Program.InParallel([.. Enumerable.Range(0, threads).Select(i => (Action)(() => VolatileShim.Write(ref x[i], VolatileShim.Read(ref x[i], 0) + 1, 0)))]);
    });

    // Each reader is before or after the write, independently: 2 to the power of readers.
    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 8)]
    [InlineData(6, 64)]
    [InlineData(10, 1024)]
    public void Readers_are_each_before_or_after_the_writer(int readers, int expected) => Expect(expected, () =>
    {
        int x = 0;
        Action read = () => VolatileShim.Read(ref x, 0);
        Program.InParallel([() => VolatileShim.Write(ref x, 1, 0), .. Enumerable.Repeat(read, readers)]);
    });

    // W(x) W(y) against R(x) R(y): x before or after, y before or after, all four consistent.
    [Fact]
    public void Two_locations_read_in_the_order_they_are_written_have_four_classes() => Expect(4, () =>
    {
        int x = 0, y = 0;
        Program.InParallel(
            () => { VolatileShim.Write(ref x, 1, 0); VolatileShim.Write(ref y, 1, 0); },
            () => { VolatileShim.Read(ref x, 0); VolatileShim.Read(ref y, 0); });
    });

    // Store buffering: W(x) R(y) against W(y) R(x). Both reads before the other's write would be a cycle: three of four.
    [Fact]
    public void Store_buffering_has_three_classes() => Expect(3, () =>
    {
        int x = 0, y = 0;
        Program.InParallel(
            () => { VolatileShim.Write(ref x, 1, 0); VolatileShim.Read(ref y, 0); },
            () => { VolatileShim.Write(ref y, 1, 0); VolatileShim.Read(ref x, 0); });
    });

    // R W against R W of one location (a lost update): interleavings of r1 w1 and r2 w2 up to the order of the two reads.
    // r1 w1 r2 w2; r2 w2 r1 w1; both reads first, then w1 w2 or w2 w1: four.
    [Fact]
    public void Two_increments_in_two_steps_have_four_classes() => Expect(4, () =>
    {
        int x = 0;
        void Add() => VolatileShim.Write(ref x, VolatileShim.Read(ref x, 0) + 1, 0);
        Program.InParallel(Add, Add);
    });

    // Critical sections of one lock are ordered as wholes: n! orders; two locks apart multiply.
    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 6)]
    public void Critical_sections_have_a_class_an_order(int threads, int expected) => Expect(expected, () =>
    {
        int x = 0;
        object gate = new();
        Action add = () => Program.Lock(gate, () => VolatileShim.Write(ref x, VolatileShim.Read(ref x, 0) + 1, 0));
        Program.InParallel([.. Enumerable.Repeat(add, threads)]);
    });

    // lastzero of Abdulla et al., POPL 2014: n writers a[j] = a[j-1] + 1 and a reader that goes down from a[n] to the first zero.
    // Their closed form for the number of classes is (n + 3) * 2^(n - 2): 64 for n = 5, 3328 for n = 10.
    [Theory]
    [InlineData(3, 12)]
    [InlineData(5, 64)]
    [InlineData(7, 320)]
    public void Lastzero_has_the_published_number_of_classes(int n, int expected) => Expect(expected, () =>
    {
        int[] a = new int[n + 1];
        void Down()
        {
            int i = n;
            while (VolatileShim.Read(ref a[i], 0) != 0)
            {
                i--;
            }
        }

        Program.InParallel([Down, .. Enumerable.Range(1, n).Select(j => (Action)(() => VolatileShim.Write(ref a[j], VolatileShim.Read(ref a[j - 1], 0) + 1, 0)))]);
    });

    [Fact]
    public void A_bug_that_needs_one_order_of_many_is_found_and_without_it_all_are_run()
    {
        ExplorationResult racy = Explorer.Explore(Program.LostUpdate, new ExplorationOptions { Strategy = "dpor", Schedules = 1000 });
        ExplorationResult sound = Explorer.Explore(Program.LockedUpdate, new ExplorationOptions { Strategy = "dpor", Schedules = 1000 });

        Assert.NotNull(racy.Failure);
        Assert.True(racy.Schedules <= 4);
        Assert.Null(sound.Failure);
        Assert.True(sound.Exhausted);
    }

    private static void Expect(long classes, Action body)
    {
        var dpor = new Dpor();
        ExplorationResult result = Explorer.Explore(body, new ExplorationOptions { Schedules = 10_000 }, dpor);

        Assert.Null(result.Failure);
        Assert.True(result.Exhausted);
        Assert.Equal(classes, dpor.Complete);
    }
}
