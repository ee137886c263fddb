namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>What a program's locks and thread starts must satisfy; decidable because a litmus thread is a straight line.</summary>
internal static class LitmusThreadOrder
{
    internal static void Check(IReadOnlyList<LitmusThread> threads, IReadOnlyList<string> locks, Action<string> fail)
    {
        bool[] started = new bool[threads.Count];
        for (int t = 0; t < threads.Count; t++)
        {
            int[] depth = new int[locks.Count];
            foreach (LitmusOperation operation in threads[t].Operations)
            {
                switch (operation.Opcode)
                {
                    case LitmusOpcode.LOCK:
                        depth[operation.Target]++;
                        break;
                    case LitmusOpcode.UNLOCK when --depth[operation.Target] < 0:
                        fail($"thread {t} leaves lock '{locks[operation.Target]}' without holding it");
                        break;
                    case LitmusOpcode.START when started[operation.Target]:
                        fail($"thread {operation.Target} is started twice");
                        break;
                    case LitmusOpcode.START:
                        started[operation.Target] = true;
                        break;
                }
            }
        }

        if (started.All(s => s))
            fail("every thread waits to be started");
    }
}
