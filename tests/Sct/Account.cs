namespace Verify.Tests.Sct;

/// <summary>Deposit and withdrawal lock different things, so one of them is lost.</summary>
internal static class Account
{
    private sealed class State
    {
        internal readonly object Lock = new();
        internal volatile int Balance = 10;
        internal volatile bool Deposited;
        internal volatile bool Withdrawn;
    }

    internal static void Run()
    {
        var state = new State();
        Threads.Run(
            () =>
            {
                lock (state.Lock)
                {
                    state.Balance += 5;
                }

                state.Deposited = true;
            },
            () =>
            {
                state.Balance -= 3; // without the lock
                state.Withdrawn = true;
            },
            () =>
            {
                lock (state.Lock)
                {
                    if (state.Deposited && state.Withdrawn)
                    {
                        Threads.Assert(state.Balance == 12, "a transaction was lost");
                    }
                }
            });
    }
}
