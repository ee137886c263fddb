namespace Verify.Checker.Runtime;

// How threads end, and executions that cannot go on.
internal sealed partial class Execution
{
    // A body has returned. What it still owns nobody can release any more, unless it is a mutex: its next owner is told.
    private void Ended(ControlledThread thread)
    {
        if (thread.LocksHeld != 0)
        {
            Fail(new Failure(FailureKind.AbandonedLock, $"{thread.Name} ended and still holds {HeldBy(thread)}", thread.Id, ""));
            return;
        }

        while (thread.Mutexes.Count > 0)
        {
            Shims.MutexModel mutex = thread.Mutexes[^1];
            thread.Mutexes.RemoveAt(thread.Mutexes.Count - 1);
            mutex.Abandon(this);
        }
    }

    private string HeldBy(ControlledThread thread)
    {
        if (_locks.Values.Concat(_ownLocks).FirstOrDefault(l => l.Owner == thread) is { } monitor)
        {
            return $"{monitor.Name}, entered at {SiteTable.Get(monitor.EnteredAt).Place}";
        }

        return _models.Values.OfType<ReaderWriterModel>().First(m => m.IsHeldBy(thread)).Describe(thread);
    }

    private Failure DescribeDeadlock()
    {
        ControlledThread[] waiting = [.. _threads.Where(t => !t.Finished)];
        string[] waits = [.. waiting.Select(DescribeWait)];
        string details = string.Join(Environment.NewLine, waits);

        // After the body's return a thread that waits in vain is what the test left behind; threads that wait for each other are a deadlock.
        return _threads[0].Finished && !waiting.Any(IsInCycle)
            ? new Failure(FailureKind.LeakedThread, "left behind when the test body returned: " + string.Join("; ", waits), waiting[0].Id, details)
            : new Failure(FailureKind.Deadlock, string.Join("; ", waits), -1, details);
    }

    private Failure DescribeEndlessness(ControlledThread last)
    {
        if (Livelock.Describe(_log.Steps, _threads) is not { } rounds)
        {
            return new Failure(FailureKind.StepBound, $"no end within {_maxSteps} steps", last.Id, "");
        }

        string[] all = [.. rounds, .. _threads.Where(t => !t.Finished && !IsEnabled(t)).Select(DescribeWait)];
        return new Failure(
            FailureKind.Livelock,
            $"nobody gets any further, though all take turns ({_maxSteps} steps): {string.Join("; ", all)}",
            last.Id,
            string.Join(Environment.NewLine, all));
    }

    private string DescribeWait(ControlledThread thread)
    {
        PendingOperation op = _pending[thread.Id];
        string holder = "";
        if (OwnerOfWhatBlocks(thread) is { } owner)
        {
            int since = thread.BlockedOn?.EnteredAt ?? thread.WaitingFor?.HeldSince(owner) ?? 0;
            holder = $", held by {owner.Name}" + (since == 0 ? "" : $" since {SiteTable.Get(since).Place},");
        }

        return $"{thread.Name} waits for {thread.WaitsFor ?? op.Kind.ToString()}{holder} at {SiteTable.Get(op.Site).Place}";
    }

    private static ControlledThread? OwnerOfWhatBlocks(ControlledThread thread) => thread.BlockedOn?.Owner ?? thread.WaitingFor?.OwnerFor(thread);

    // Follows who waits for whom; n steps are enough for n threads.
    private bool IsInCycle(ControlledThread thread)
    {
        ControlledThread? next = thread;
        for (int i = 0; i < _threads.Count && next is not null; i++)
        {
            ControlledThread at = next;
            next = OwnerOfWhatBlocks(at) ?? _threads.Find(t => t.Joiners.Contains(at));
            if (next == thread)
            {
                return true;
            }
        }

        return false;
    }
}
