using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>A scheduler, and from some step on a fair one instead: a thread that another one starves gets its turn.</summary>
/// <remarks>
/// The end of a long execution is scheduled fairly so that what does not end then can be called a livelock, after Musuvathi and Qadeer, "Fair
/// Stateless Model Checking", PLDI 2008. Fair here is uniformly random, which starves nobody and falls into no rhythm with the program.
/// </remarks>
internal sealed class FairTail(IScheduler inner, int from, ulong seed) : IScheduler
{
    private Rng _rng = new(seed, (ulong)from);

    /// <summary>The step from which an execution bounded by that many steps is scheduled fairly.</summary>
    internal static int From(int maxSteps) => maxSteps / 2;

    public int ChooseThread(in SchedulingPoint point) =>
        point.Step < from ? inner.ChooseThread(point) : point.Enabled[_rng.Next(point.Enabled.Length)];

    public int ChooseValue(int count, int thread, int site) => inner.ChooseValue(count, thread, site);
}
