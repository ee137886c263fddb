using System.Runtime.ExceptionServices;
using Verify.Engine.Threads;

namespace Verify.Scenarios;

/// <summary>A small concurrent program over the engine, with an invariant. One instance can be run any number of times, one run at a time.</summary>
public abstract class Scenario
{
    /// <summary>Lower case, with hyphens.</summary>
    public abstract string Name { get; }

    /// <summary>One line: who does what.</summary>
    public abstract string Summary { get; }

    /// <summary>Where the scenario comes from, as "races.md TB01, scenario 1".</summary>
    public abstract string Source { get; }

    public abstract IReadOnlyList<ScenarioVariant> Variants { get; }

    /// <summary>Sets up, runs the actors each on a thread of its own until all have ended, and checks the invariants.</summary>
    /// <param name="variant">A name from <see cref="Variants"/>.</param>
    /// <exception cref="UnknownVariantException">No variant has this name.</exception>
    /// <exception cref="InvariantViolationException">The invariant does not hold.</exception>
    /// <exception cref="Exception">What the first actor to fail threw, an <see cref="Engine.Auditing.AuditViolationException"/> for one.</exception>
    public void Run(string variant) => Run(Find(variant));

    /// <exception cref="UnknownVariantException">No variant has this name.</exception>
    public ScenarioVariant Find(string variant)
    {
        foreach (ScenarioVariant candidate in Variants)
        {
            if (candidate.Name == variant)
            {
                return candidate;
            }
        }

        throw new UnknownVariantException(
            $"scenario '{Name}' has no variant '{variant}'; {NearestNames.List(variant, Variants.Select(v => v.Name))}");
    }

    protected abstract void Run(ScenarioVariant variant);

    /// <summary>Runs the actors concurrently; rethrows what the first one to fail threw, after all have ended.</summary>
    protected static void RunActors(params (string Name, Action Body)[] actors)
    {
        object failureLock = new();
        ExceptionDispatchInfo? failure = null; // under failureLock
        Thread[] threads = new Thread[actors.Length];
        for (int i = 0; i < actors.Length; i++)
        {
            Action body = actors[i].Body;
            threads[i] = NamedThread.Create(actors[i].Name, () => Guard(body));
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        failure?.Throw();

        void Guard(Action body)
        {
            try
            {
                body();
            }
            catch (Exception e)
            {
                lock (failureLock)
                {
                    failure ??= ExceptionDispatchInfo.Capture(e);
                }
            }
        }
    }
}
