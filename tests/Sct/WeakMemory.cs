using Verify.Checker;

namespace Verify.Tests.Sct;

/// <summary>The two reorderings that surprise most, as tests for <c>verify test</c>; docs/weak-memory.md shows what it says of them.</summary>
public static class WeakMemory
{
    private sealed class Mailbox
    {
        internal int Letter;
        internal bool Full;
    }

    private sealed class Doors
    {
        internal int Left;
        internal int Right;
        internal int Inside;
    }

    /// <summary>The letter is put in before the flag is raised, but nothing says so to the processor or the JIT compiler.</summary>
    [Test]
    public static void Message_passing_without_a_fence()
    {
        var box = new Mailbox();
        Threads.Run(
            () =>
            {
                box.Letter = 42;
                box.Full = true;
            },
            () =>
            {
                if (Volatile.Read(ref box.Full))
                {
                    Threads.Assert(box.Letter == 42, "the flag is up and the letter is not there");
                }
            });
    }

    /// <summary>The same with the release that was missing.</summary>
    [Test]
    public static void Message_passing()
    {
        var box = new Mailbox();
        Threads.Run(
            () =>
            {
                box.Letter = 42;
                Volatile.Write(ref box.Full, true);
            },
            () =>
            {
                if (Volatile.Read(ref box.Full))
                {
                    Threads.Assert(box.Letter == 42, "the flag is up and the letter is not there");
                }
            });
    }

    /// <summary>Dekker's entry: each shuts a door and looks at the other one. Volatile accesses do not keep a write before a later read.</summary>
    [Test]
    public static void Store_buffering_without_a_fence()
    {
        var doors = new Doors();
        Threads.Run(
            () =>
            {
                Volatile.Write(ref doors.Left, 1);
                Enter(doors, Volatile.Read(ref doors.Right));
            },
            () =>
            {
                Volatile.Write(ref doors.Right, 1);
                Enter(doors, Volatile.Read(ref doors.Left));
            });
    }

    /// <summary>The same with the fences that were missing.</summary>
    [Test]
    public static void Store_buffering()
    {
        var doors = new Doors();
        Threads.Run(
            () =>
            {
                Volatile.Write(ref doors.Left, 1);
                Interlocked.MemoryBarrier();
                Enter(doors, Volatile.Read(ref doors.Right));
            },
            () =>
            {
                Volatile.Write(ref doors.Right, 1);
                Interlocked.MemoryBarrier();
                Enter(doors, Volatile.Read(ref doors.Left));
            });
    }

    private static void Enter(Doors doors, int other)
    {
        if (other == 0)
        {
            Threads.Assert(Interlocked.Increment(ref doors.Inside) == 1, "both are inside");
        }
    }
}
