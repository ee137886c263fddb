using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>What the rewriter puts before synchronization when it only injects delays: programs rewritten so run on real threads.</summary>
/// <remarks>
/// After TSVD (Li et al., SOSP 2019) in spirit: a thread held where it is about to synchronize lets the others run into the window. A plan chooses one
/// site in eight; at these one visit in four, or in as many as the plan says, is delayed, by spinning, by giving up the processor, by sleeping, or by moving to another processor.
/// </remarks>
public static class DelayShim
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private const int Often = 4;

    private static long s_plan;          // Volatile; 0 for no delays
    private static int s_every = Often;  // Volatile

    [ThreadStatic]
    private static ulong s_random;

    /// <summary>Chooses anew where delays are.</summary>
    /// <param name="seed">Decides the sites; 0 for no delays at all.</param>
    /// <param name="every">Of so many visits of such a site one is delayed: more for programs whose loops pass sites often. At least 1.</param>
    public static void Choose(ulong seed, int every = Often)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        Volatile.Write(ref s_every, every);
        Volatile.Write(ref s_plan, (long)seed);
    }

    /// <summary>Delays the calling thread, or does not.</summary>
    public static void Before(int site)
    {
        ulong plan = (ulong)Volatile.Read(ref s_plan);
        if (plan == 0 || (Mix(plan ^ (Golden * (uint)site)) & 7) != 0)
        {
            return;
        }

        if (s_random == 0)
        {
            s_random = Mix(plan + (ulong)Environment.CurrentManagedThreadId) | 1;
        }

        ulong random = s_random = Mix(s_random + Golden) | 1;
        if ((random >> 1) % (uint)Volatile.Read(ref s_every) != 0)
        {
            return;
        }

        switch ((random >> 40) & 15)
        {
            case 0:
                ProcessorAffinity.Move(random >> 44);
                break;
            case 1:
                Thread.Sleep(1);
                break;
            case <= 5:
                Thread.Yield();
                break;
            default:
                Thread.SpinWait((int)(random >> 44 & 2047));
                break;
        }
    }

    // The finalizer of SplitMix64.
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
