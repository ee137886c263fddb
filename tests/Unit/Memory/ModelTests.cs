using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Tests.Unit.Memory;

/// <summary>Programs through the rewriter and the scheduler: each is found under the models that allow it, and under no other.</summary>
public class ModelTests
{
    private const string StoreBuffering =
        """
        static int x, y, r0, r1;
        static void M()
        {
            x = y = 0;
            T.Run(() => { {0}(ref x, 1); r0 = {1}(ref y); }, () => { {0}(ref y, 1); r1 = {1}(ref x); });
            T.Never(r0 == 0 && r1 == 0);
        }
        """;

    private const string MessagePassing =
        """
        class Box { public int data, flag; }
        static int Fenced(ref int flag) { int value = flag; Volatile.ReadBarrier(); return value; }
        static void M()
        {
            var b = new Box();
            T.Run(() => { b.data = 1; WRITE; }, () => { if (READ == 1) T.Never(b.data == 0); });
        }
        """;

    private static WeakProgram Sb(string write, string read) =>
        WeakProgram.Of(StoreBuffering.Replace("{0}", write).Replace("{1}", read));

    private static WeakProgram Mp(string write, string read) =>
        WeakProgram.Of(MessagePassing.Replace("WRITE", write).Replace("READ", read));

    [Fact]
    public void Store_buffering_on_volatiles_is_found_under_tso_and_dotnet_and_not_under_sc()
    {
        WeakProgram program = Sb("Volatile.Write", "Volatile.Read");
        program.IsClean("sc");
        program.Finds("tso");
        program.Finds("dotnet");
    }

    [Fact]
    public void Store_buffering_with_interlocked_writes_is_found_nowhere() =>
        Assert.All(["sc", "tso", "dotnet"], Sb("Interlocked.Exchange", "Volatile.Read").IsCleanUnder());

    [Fact]
    public void Message_passing_without_release_is_found_under_dotnet_alone()
    {
        WeakProgram program = Mp("b.flag = 1", "Volatile.Read(ref b.flag)");
        program.IsClean("sc");
        program.IsClean("tso");
        program.Finds("dotnet");
    }

    [Fact]
    public void Message_passing_without_acquire_is_found_under_dotnet_alone()
    {
        WeakProgram program = Mp("Volatile.Write(ref b.flag, 1)", "b.flag");
        program.IsClean("sc");
        program.IsClean("tso");
        program.Finds("dotnet");
    }

    [Fact]
    public void Message_passing_with_release_and_acquire_is_found_nowhere() =>
        Assert.All(["sc", "tso", "dotnet"], Mp("Volatile.Write(ref b.flag, 1)", "Volatile.Read(ref b.flag)").IsCleanUnder());

    [Fact]
    public void Message_passing_with_barriers_is_found_nowhere() =>
        Assert.All(
            ["sc", "tso", "dotnet"],
            Mp("Volatile.WriteBarrier(); b.flag = 1", "Fenced(ref b.flag)").IsCleanUnder());

    [Fact]
    public void A_weak_failure_replays_from_its_file_and_its_weak_answers_are_in_it()
    {
        WeakProgram program = Mp("b.flag = 1", "Volatile.Read(ref b.flag)");
        Schedule found = program.Finds("dotnet").Schedule!;

        Schedule read = ScheduleReader.Parse(ScheduleWriter.ToJson(found));

        Assert.Equal(found.Memory, read.Memory);
        Assert.Equal(found.Steps, read.Steps);
        Assert.Contains(read.Steps, s => s.IsWeak);
        for (int i = 0; i < 20; i++)
        {
            ReplayResult replay = Replayer.Replay(program.Body, read);
            Assert.True(replay.Reproduced, replay.Divergence?.ToString());
        }

        ReplayResult strong = Replayer.Replay(program.Body, read with { Memory = MemoryOptions.Default });
        Assert.False(strong.Reproduced);
        Assert.NotNull(strong.Divergence);
    }

    [Fact]
    public void Locks_order_what_is_inside_and_thread_start_and_join_what_is_around() =>
        Assert.All(
            ["sc", "tso", "dotnet"],
            WeakProgram.Of(
                """
                static int x, y;
                static void M()
                {
                    x = y = 0;
                    object gate = new();
                    T.Run(
                        () => { lock (gate) { x = 1; y = 1; } },
                        () => { lock (gate) { T.Never(x != y); } });
                    T.Never(x == 0);
                }
                """).IsCleanUnder());

    [Fact]
    public void A_spin_on_a_volatile_flag_ends_under_every_model() =>
        Assert.All(
            ["sc", "tso", "dotnet"],
            WeakProgram.Of(
                """
                static int flag, data;
                static void M()
                {
                    flag = data = 0;
                    T.Run(
                        () => { data = 1; Volatile.Write(ref flag, 1); },
                        () => { while (Volatile.Read(ref flag) == 0) Thread.Yield(); T.Never(data == 0); });
                }
                """).IsCleanUnder());

    [Fact]
    public void References_keep_their_objects_and_their_types()
    {
        WeakProgram program = WeakProgram.Of(
            """
            sealed class Node { public int value; public Node next; public (string Name, long Number, object Tag) parts; }
            static Node head;
            static void M()
            {
                head = null;
                T.Run(
                    () => { for (int i = 1; i < 4; i++) { var n = new Node { value = i, next = head }; n.parts = ("n" + i, i, n); head = n; } },
                    () =>
                    {
                        for (Node n = head; n != null; n = n.next)
                        {
                            T.Never(n.value == 0);
                            var parts = n.parts;
                            T.Never(parts.Number != n.value || parts.Name != "n" + n.value || parts.Tag != n);
                        }
                    });
            }
            """);
        Assert.All(["sc", "tso", "dotnet"], program.IsCleanUnder());
    }

    [Fact]
    public void An_index_is_no_reference_publishing_one_by_a_plain_store_is_found_under_dotnet()
    {
        WeakProgram program = WeakProgram.Of(
            """
            static int[] slots; static int top;
            static void M()
            {
                slots = new int[4];
                top = 0;
                T.Run(() => { slots[1] = 7; top = 1; }, () => { int i = Volatile.Read(ref top); if (i == 1) T.Never(slots[i] == 0); });
            }
            """);
        program.IsClean("tso");
        program.Finds("dotnet");
    }
}

internal static class UnderModels
{
    internal static Action<string> IsCleanUnder(this WeakProgram program) => model => program.IsClean(model, 400);
}
