namespace Verify.Tests.Sct;

internal static class Threads
{
    internal static void Run(params ThreadStart[] bodies)
    {
        var threads = new Thread[bodies.Length];
        for (int i = 0; i < bodies.Length; i++)
        {
            threads[i] = new Thread(bodies[i]);
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    }

    internal static void Assert(bool condition, string message)
    {
        if (!condition)
        {
            throw new SctAssertionException(message);
        }
    }
}

/// <summary>The bug of a program was hit.</summary>
public sealed class SctAssertionException(string message) : Exception(message);
