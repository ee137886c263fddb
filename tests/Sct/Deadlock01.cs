namespace Verify.Tests.Sct;

/// <summary>Two locks in two orders.</summary>
internal static class Deadlock01
{
    internal static void Run()
    {
        object a = new(), b = new();
        int counter = 0;
        Threads.Run(
            () =>
            {
                lock (a)
                {
                    lock (b)
                    {
                        counter++;
                    }
                }
            },
            () =>
            {
                lock (b)
                {
                    lock (a)
                    {
                        counter--;
                    }
                }
            });
    }
}
