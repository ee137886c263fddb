namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>Many random executions of a litmus test, by uniform scheduling with random weak answers or by PCT with a weak budget.</summary>
public sealed class LitmusSampler
{
    private readonly LitmusTest _test;
    private readonly MemoryModelOptions _options;

    /// <param name="test">The test.</param>
    /// <param name="options">Model, options and bounds; writes are placed by delays.</param>
    public LitmusSampler(LitmusTest test, MemoryModelOptions options)
    {
        _test = test;
        _options = options with { Placement = Placement.Delays };
    }

    /// <summary>Uniformly random scheduling, <see cref="RandomWeakChoices"/>.</summary>
    /// <param name="executions">How many.</param>
    /// <param name="seed">Seed of the whole run.</param>
    /// <param name="stopAtCondition">Stop as soon as an execution satisfies the test's final condition.</param>
    public LitmusExploration Random(int executions, ulong seed, bool stopAtCondition = false)
    {
        SplitMix64 random = new(~seed);
        RandomWeakChoices choices = new(seed);
        return Run(executions, choices, choices.NextExecution, enabled => enabled[random.Below(enabled.Length)], stopAtCondition);
    }

    /// <summary>PCT (Burckhardt et al., ASPLOS 2010) with <see cref="WeakBudgetChoices"/>.</summary>
    /// <param name="depth">d: the schedule is cut at d - 1 random steps.</param>
    /// <param name="budget">w: weak answers in an execution.</param>
    /// <param name="executions">How many.</param>
    /// <param name="seed">Seed of the whole run.</param>
    /// <param name="stopAtCondition">Stop as soon as an execution satisfies the test's final condition.</param>
    public LitmusExploration Pct(int depth, int budget, int executions, ulong seed, bool stopAtCondition = false)
    {
        LitmusPriorities priorities = new(_test.Threads.Count, depth, ~seed);
        WeakBudgetChoices choices = new(budget, seed);
        return Run(
            executions,
            choices,
            () =>
            {
                choices.NextExecution();
                priorities.NextExecution();
            },
            priorities.Next,
            stopAtCondition);
    }

    private delegate int Scheduler(ReadOnlySpan<int> enabled);

    private LitmusExploration Run(int executions, IWeakChoices choices, Action next, Scheduler schedule, bool stopAtCondition)
    {
        LitmusExecution execution = new(_test, _options, choices);
        LitmusOutcomes outcomes = new(execution.Test);
        Span<int> enabled = stackalloc int[_test.Threads.Count];
        int deadlocks = 0;
        int done = 0;
        while (done < executions)
        {
            next();
            execution.Begin();
            int count;
            while ((count = execution.Enabled(enabled)) > 0)
                execution.Step(schedule(enabled[..count]));
            done++;
            if (!execution.IsComplete)
                deadlocks++;
            else if (outcomes.Record(execution) && stopAtCondition && outcomes.ConditionReached)
                break;
        }

        return new LitmusExploration(_test, _options, outcomes.ToFormatted(), outcomes.ConditionReached, done, deadlocks, States: 0);
    }
}
