using System.Runtime.CompilerServices;
using Verify.Checker.Exploration;
using Verify.Checker.Shims;

namespace Verify.Tests.Unit.Checker;

/// <summary>Small programs that call the shims as rewritten code would, with site 0.</summary>
internal static class Program
{
    internal static void InParallel(params Action[] bodies)
    {
        Thread[] threads = [.. bodies.Select(b => ThreadShim.Create(new ThreadStart(b), 0))];
        foreach (Thread thread in threads)
        {
            ThreadShim.Start(thread, 0);
        }

        foreach (Thread thread in threads)
        {
            ThreadShim.Join(thread, 0);
        }
    }

    internal static void Lock(object gate, Action body)
    {
        bool taken = false;
        try
        {
            MonitorShim.Enter(gate, ref taken, 0);
            body();
        }
        finally
        {
            if (taken)
            {
                MonitorShim.Exit(gate, 0);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // tests look for its frame
    internal static void Assert(bool condition, string message)
    {
        if (!condition)
        {
            throw new TestAssertionException(message);
        }
    }

    internal static void LostUpdate()
    {
        int x = 0;
        void Increment() => VolatileShim.Write(ref x, VolatileShim.Read(ref x, 0) + 1, 0);
        InParallel(Increment, Increment);
        Assert(x == 2, "an increment was lost");
    }

    internal static void LockedUpdate()
    {
        int x = 0;
        object gate = new();
        void Increment() => Lock(gate, () => VolatileShim.Write(ref x, VolatileShim.Read(ref x, 0) + 1, 0));
        InParallel(Increment, Increment);
        Assert(x == 2, "an increment was lost");
    }

    internal static void LockOrderInversion()
    {
        object a = new(), b = new();
        InParallel(() => Lock(a, () => Lock(b, () => { })), () => Lock(b, () => Lock(a, () => { })));
    }

    /// <summary>All outcomes of a program, over every schedule with at most that many preemptions.</summary>
    internal static SortedSet<string> Outcomes(Func<string> body, int preemptions = 20)
    {
        var outcomes = new SortedSet<string>(StringComparer.Ordinal);
        ExplorationResult result = Explorer.Explore(
            () => outcomes.Add(body()),
            new ExplorationOptions { Strategy = "dfs", Preemptions = preemptions, Schedules = 1_000_000 });
        Xunit.Assert.Null(result.Failure);
        Xunit.Assert.True(result.Exhausted, "the space was not exhausted");
        return outcomes;
    }
}

internal sealed class TestAssertionException(string message) : Exception(message);
