using Verify.Checker.MemoryModels;

namespace Verify.Tests.Unit.MemoryModels;

public class WeakMemoryTests
{
    private readonly byte[] _bytes = new byte[64];

    private WeakMemory<ArrayMemory> Machine(IWeakChoices? choices = null, MemoryModelOptions? options = null, IAccessObserver? observer = null) =>
        new(new ArrayMemory(_bytes), options ?? new MemoryModelOptions(), choices ?? SequentialChoices.Instance, observer);

    [Fact]
    public void Real_memory_holds_the_newest_write_however_writes_are_placed()
    {
        // x=1 is delayed far past x=2 of the other thread, so it is the newest although it was executed first.
        WeakMemory<ArrayMemory> machine = Machine(new Scripted(place: 60));
        machine.Write(0, 0, 8, 1, AccessKind.Plain, 0);
        machine.Write(1, 0, 8, 2, AccessKind.Plain, 1);
        Assert.Equal(1, _bytes[0]);
        Assert.Equal(2ul, machine.Read(1, 0, 8, AccessKind.Plain, 2));
    }

    [Fact]
    public void A_default_read_does_not_see_a_write_that_has_not_matured()
    {
        WeakMemory<ArrayMemory> machine = Machine(new Scripted(place: 60));
        machine.Write(0, 0, 8, 1, AccessKind.Plain, 0);
        Assert.Equal(0ul, machine.Read(1, 0, 8, AccessKind.Plain, 1));
        Assert.Equal(1ul, machine.Read(0, 0, 8, AccessKind.Plain, 2));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void A_spinning_thread_gets_the_newest_write_after_the_stale_bound(int history)
    {
        WeakMemory<ArrayMemory> machine = Machine(new AlwaysOldest(), new MemoryModelOptions { History = history });
        machine.Write(0, 8, 8, 7, AccessKind.Plain, 0);
        machine.Write(0, 0, 8, 1, AccessKind.Plain, 0);
        int reads = 0;
        while (machine.Read(1, 0, 8, AccessKind.Plain, 1) == 0)
            Assert.InRange(++reads, 1, 5);
        Assert.Equal(0ul, machine.Read(1, 8, 8, AccessKind.Plain, 2));
    }

    [Fact]
    public void A_compare_exchange_loop_makes_delayed_writes_mature()
    {
        // The lock at 0 is held; its holder's plain unlock is delayed as far as can be.
        WeakMemory<ArrayMemory> machine = Machine(new Scripted(place: 64));
        machine.Exchange(0, 0, 8, 1, AccessKind.Plain, 0);
        machine.Write(0, 0, 8, 0, AccessKind.Plain, 1);
        int attempts = 0;
        while (machine.CompareExchange(1, 0, 8, 1, 0, AccessKind.Plain, 2) != 0)
            Assert.InRange(++attempts, 1, 70);
    }

    [Fact]
    public void Different_words_of_one_granule_reorder()
    {
        // MP within 8 bytes: the payload is delayed, the flag is not.
        WeakMemory<ArrayMemory> machine = Machine(new Scripted(place: 60, thenPlace: 0));
        machine.Write(0, 0, 4, 1, AccessKind.Plain, 0);
        machine.Write(0, 4, 4, 1, AccessKind.Plain, 1);
        Assert.Equal(1ul, machine.Read(1, 4, 4, AccessKind.Volatile, 2));
        Assert.Equal(0ul, machine.Read(1, 0, 4, AccessKind.Plain, 3));
    }

    [Fact]
    public void A_wider_access_merges_its_parts_into_one_location()
    {
        WeakMemory<ArrayMemory> machine = Machine(new AlwaysOldest());
        machine.Write(0, 0, 4, 0x11111111, AccessKind.Plain, 0);
        machine.Write(0, 4, 2, 0x2222, AccessKind.Plain, 1);
        Assert.Equal(0x0000_2222_1111_1111ul, machine.Read(1, 0, 8, AccessKind.Plain, 2));
        machine.Write(0, 6, 1, 0x33, AccessKind.Plain, 3);
        Assert.Equal(0x0033_2222_1111_1111ul, machine.Read(0, 0, 8, AccessKind.Plain, 4));
        Assert.Equal(0x11111111ul, machine.Read(1, 0, 4, AccessKind.Plain, 5));
        Assert.Equal(0x33, _bytes[6]);
    }

    [Fact]
    public void A_merged_location_is_read_whole()
    {
        // Two writes to its halves; an old value of the whole is one that the whole once had.
        WeakMemory<ArrayMemory> machine = Machine(new AlwaysOldest());
        machine.Read(1, 0, 8, AccessKind.Plain, 0);
        machine.Write(0, 0, 4, 1, AccessKind.Plain, 1);
        machine.Write(0, 4, 4, 1, AccessKind.Plain, 2);
        Assert.Contains(machine.Read(2, 0, 8, AccessKind.Plain, 3), (ulong[])[0, 1, 0x1_0000_0001]);
    }

    [Fact]
    public void Interlocked_operations_work_on_part_of_a_merged_location()
    {
        WeakMemory<ArrayMemory> machine = Machine();
        machine.Write(0, 0, 8, 0x0000_0005_0000_0007, AccessKind.Plain, 0);
        Assert.Equal(5ul, machine.Add(1, 4, 4, 3, AccessKind.Plain, 1));
        Assert.Equal(8ul, machine.CompareExchange(0, 4, 4, 9, 8, AccessKind.Plain, 2));
        Assert.Equal(0x0000_0009_0000_0007ul, machine.Read(0, 0, 8, AccessKind.Plain, 3));
    }

    [Fact]
    public void A_misaligned_access_is_read_in_pieces_that_can_tear()
    {
        // The lower piece is stale, the upper one is not: a value that no one wrote.
        WeakMemory<ArrayMemory> machine = Machine(new FirstOldest());
        machine.Write(0, 4, 8, 0xAAAA_AAAA_BBBB_BBBB, AccessKind.Plain, 0);
        Assert.Equal(0xAAAA_AAAA_0000_0000ul, machine.Read(1, 4, 8, AccessKind.Plain, 1));
        Assert.Equal(0xAAAA_AAAA_BBBB_BBBBul, machine.Read(0, 4, 8, AccessKind.Plain, 2));
    }

    [Theory]
    [InlineData(4, 8, "4+4 8+4")]
    [InlineData(1, 8, "1+1 2+2 4+4 8+1")]
    [InlineData(0, 16, "0+8 8+8")]
    [InlineData(2, 3, "2+2 4+1")]
    [InlineData(3, 0, "")]
    public void An_access_splits_into_ascending_aligned_pieces(int address, int length, string expected)
    {
        List<string> pieces = [];
        foreach ((nuint at, int size) in new AccessPieces((nuint)address, length))
            pieces.Add($"{at}+{size}");
        Assert.Equal(expected, string.Join(' ', pieces));
    }

    [Fact]
    public void A_misaligned_interlocked_operation_is_refused_with_the_remedy() =>
        Assert.Contains("align", Assert.Throws<ArgumentException>(() => Machine().Add(0, 2, 8, 1, AccessKind.Plain, 0)).Message);

    [Fact]
    public void What_an_unseen_writer_stored_is_noticed_and_seen_by_everyone()
    {
        WeakMemory<ArrayMemory> machine = Machine(new AlwaysOldest());
        machine.Write(0, 0, 8, 1, AccessKind.Plain, 0);
        _bytes[0] = 9;
        Assert.Equal(9ul, machine.Read(1, 0, 8, AccessKind.Plain, 1));
        Assert.Equal(9ul, machine.Read(0, 0, 8, AccessKind.Plain, 2));
        machine.Write(1, 0, 8, 3, AccessKind.Plain, 3);
        Assert.Equal(3, _bytes[0]);
    }

    [Fact]
    public void Forgotten_memory_has_no_past()
    {
        WeakMemory<ArrayMemory> machine = Machine(new AlwaysOldest());
        machine.Write(0, 0, 8, 1, AccessKind.Plain, 0);
        machine.Write(0, 8, 8, 1, AccessKind.Plain, 0);
        machine.Forget(0, 8);
        Assert.Equal(1ul, machine.Read(1, 0, 8, AccessKind.Plain, 1));
        Assert.Equal(0ul, machine.Read(1, 8, 8, AccessKind.Plain, 1));
    }

    [Fact]
    public void A_full_history_forgets_the_oldest_write()
    {
        WeakMemory<ArrayMemory> machine = Machine(new AlwaysOldest(), new MemoryModelOptions { History = 3 });
        for (ulong value = 1; value <= 9; value++)
            machine.Write(0, 0, 8, value, AccessKind.Plain, 0);
        Assert.Equal(7ul, machine.Read(1, 0, 8, AccessKind.Plain, 1));
    }

    [Fact]
    public void No_read_looks_past_the_horizon()
    {
        WeakMemory<ArrayMemory> machine = Machine(new AlwaysOldest(), new MemoryModelOptions { Horizon = 10 });
        machine.Write(0, 0, 8, 1, AccessKind.Plain, 0);
        for (int i = 0; i < 20; i++)
            machine.Write(0, 8, 8, (ulong)i, AccessKind.Plain, 0);
        Assert.Equal(1ul, machine.Read(1, 0, 8, AccessKind.Plain, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_address_dependency_orders_a_read_after_the_read_of_the_reference(bool dependent)
    {
        WeakMemory<ArrayMemory> machine = Machine(new AlwaysOldestAt(site: 5));
        machine.Write(0, 0, 8, 1, AccessKind.HeapInstance, 0);
        machine.Write(0, 8, 8, 0x1000, AccessKind.Reference, 0);
        Assert.Equal(0x1000ul, machine.Read(1, 8, 8, AccessKind.Reference, 1));
        DependencyHint hint = dependent ? DependencyHint.Address : DependencyHint.None;
        Assert.Equal(dependent ? 1ul : 0ul, machine.Read(1, 0, 8, AccessKind.HeapInstance, 5, hint));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_index_of_unknown_origin_orders_a_read_after_all_reads(bool unknown)
    {
        WeakMemory<ArrayMemory> machine = Machine(new AlwaysOldestAt(site: 5));
        machine.Write(0, 0, 8, 1, AccessKind.Plain, 0);
        machine.Write(0, 8, 8, 1, AccessKind.Volatile, 0);
        machine.Read(1, 8, 8, AccessKind.Plain, 1);
        Assert.Equal(unknown ? 1ul : 0ul, machine.Read(1, 0, 8, AccessKind.Plain, 5, unknown ? DependencyHint.AllReads : DependencyHint.None));
    }

    [Fact]
    public void A_static_constructors_effects_are_seen_by_every_thread()
    {
        WeakMemory<ArrayMemory> machine = Machine(new AlwaysOldest());
        machine.Read(1, 16, 8, AccessKind.Plain, 0);
        machine.Write(0, 0, 8, 1, AccessKind.Plain, 0);
        machine.StaticConstructorEnded(0);
        Assert.Equal(1ul, machine.Read(1, 0, 8, AccessKind.Plain, 1));
        Assert.Equal(1ul, machine.Read(2, 0, 8, AccessKind.Plain, 2));
    }

    [Fact]
    public void A_process_wide_barrier_binds_threads_not_met_before()
    {
        WeakMemory<ArrayMemory> machine = Machine(new AlwaysOldest());
        machine.Write(0, 0, 8, 1, AccessKind.Plain, 0);
        machine.Fence(0, FenceKind.ProcessWide);
        Assert.Equal(1ul, machine.Read(9, 0, 8, AccessKind.Plain, 1));
    }

    [Fact]
    public void A_reset_begins_with_what_memory_holds()
    {
        WeakMemory<ArrayMemory> machine = Machine(new AlwaysOldest());
        machine.Write(0, 0, 8, 5, AccessKind.Plain, 0);
        machine.Reset();
        Assert.Equal(0, machine.LocationCount);
        Assert.Equal(5ul, machine.Read(1, 0, 8, AccessKind.Plain, 1));
    }

    [Fact]
    public void A_thousand_locations_keep_their_values()
    {
        byte[] bytes = new byte[8 * 5000];
        WeakMemory<ArrayMemory> machine = new(new ArrayMemory(bytes), new MemoryModelOptions(), SequentialChoices.Instance);
        for (int round = 0; round < 3; round++)
        {
            for (nuint i = 0; i < 5000; i++)
                machine.Write(0, 8 * i, 8, i + (nuint)round, AccessKind.Plain, 0);
            for (nuint i = 0; i < 5000; i++)
                Assert.Equal(i + (nuint)round, machine.Read(0, 8 * i, 8, AccessKind.Plain, 0));
            machine.Reset();
        }
    }

    [Fact]
    public void Nothing_is_asked_where_everything_is_ordered()
    {
        WeakMemory<ArrayMemory> machine = Machine(new RefuseReads());
        for (int i = 0; i < 50; i++)
        {
            int thread = i % 3;
            machine.Acquire(thread, 0);
            ulong value = machine.Read(thread, 0, 8, AccessKind.Plain, 0);
            machine.Write(thread, 0, 8, value + 1, AccessKind.Plain, 0);
            machine.Release(thread, 0);
        }

        Assert.Equal(50, _bytes[0]);
    }

    private sealed class Scripted(int place, int thenPlace = -1) : IWeakChoices
    {
        private int _places;

        public int ReadFrom(int thread, int candidates, int site) => 0;

        public int Place(int thread, int slots, int site) => Math.Min(_places++ == 0 ? place : Math.Max(thenPlace, 0), slots - 1);
    }

    private sealed class AlwaysOldest : IWeakChoices
    {
        public int ReadFrom(int thread, int candidates, int site) => candidates - 1;

        public int Place(int thread, int slots, int site) => 0;
    }

    private sealed class AlwaysOldestAt(int site) : IWeakChoices
    {
        private readonly int _site = site;

        public int ReadFrom(int thread, int candidates, int site) => site == _site ? candidates - 1 : 0;

        public int Place(int thread, int slots, int site) => 0;
    }

    private sealed class FirstOldest : IWeakChoices
    {
        private bool _asked;

        public int ReadFrom(int thread, int candidates, int site)
        {
            bool first = !_asked;
            _asked = true;
            return first ? candidates - 1 : 0;
        }

        public int Place(int thread, int slots, int site) => 0;
    }

    private sealed class RefuseReads : IWeakChoices
    {
        public int ReadFrom(int thread, int candidates, int site) => throw new InvalidOperationException("a read under the lock had a choice");

        public int Place(int thread, int slots, int site) => 0;
    }
}
