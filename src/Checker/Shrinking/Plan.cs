using Verify.Checker.Runtime;

namespace Verify.Checker.Shrinking;

/// <summary>Lets a thread run until it has performed so many events of its own, counted from its beginning.</summary>
internal readonly record struct Stretch(int Thread, int UpTo);

/// <summary>
/// What a schedule says, in a form that can be cut: a schedule with a piece missing names events that no longer happen, but "let A run to its
/// 12th event, then B to its 30th" still means something whatever is left out.
/// </summary>
/// <param name="Stretches">Who runs how far, in order.</param>
/// <param name="Answers">The choices with another answer than 0; all others are answered 0, the ordinary way.</param>
/// <param name="Parents">By thread, the one that starts it.</param>
internal sealed record Plan(IReadOnlyList<Stretch> Stretches, IReadOnlyDictionary<ChoiceKey, int> Answers, IReadOnlyList<int> Parents)
{
    /// <summary>What an execution did.</summary>
    /// <param name="steps">Its events.</param>
    /// <param name="answers">Its choices with another answer than 0.</param>
    internal static Plan Of(ReadOnlySpan<Step> steps, IReadOnlyDictionary<ChoiceKey, int> answers)
    {
        var stretches = new List<Stretch>();
        var done = new Dictionary<int, int>();
        var parents = new List<int> { -1 };
        int current = -1;
        foreach (Step step in steps)
        {
            if (step.Kind == OperationKind.Choice || step.IsWeak)
            {
                continue;
            }

            if (step.Kind == OperationKind.ThreadStart)
            {
                parents.Add(step.Thread); // threads are numbered in starting order
            }

            int upTo = done[step.Thread] = done.GetValueOrDefault(step.Thread) + 1;
            if (step.Thread == current)
            {
                stretches[^1] = new Stretch(current, upTo);
            }
            else
            {
                current = step.Thread;
                stretches.Add(new Stretch(current, upTo));
            }
        }

        return new Plan(stretches, answers, parents);
    }

    /// <summary>Without some stretches. What they did is done by their threads' next ones, so it comes later, or not at all.</summary>
    internal Plan Without(int start, int count) =>
        this with { Stretches = [.. Stretches.Take(start), .. Stretches.Skip(start + count)] };

    /// <summary>The thread of a stretch goes on at once to where its next stretch would have taken it.</summary>
    internal Plan Joined(int at)
    {
        for (int next = at + 1; next < Stretches.Count; next++)
        {
            if (Stretches[next].Thread == Stretches[at].Thread)
            {
                var stretches = new List<Stretch>(Stretches) { [at] = Stretches[next] };
                stretches.RemoveAt(next);
                return this with { Stretches = stretches };
            }
        }

        return RunOn(at);
    }

    /// <summary>The thread of a stretch goes on until it has to wait or ends.</summary>
    internal Plan RunOn(int at) => Ending(at, int.MaxValue);

    internal Plan Ending(int at, int upTo) =>
        this with { Stretches = new List<Stretch>(Stretches) { [at] = Stretches[at] with { UpTo = upTo } } };

    internal Plan WithoutAnswers(IReadOnlyCollection<ChoiceKey> keys) =>
        this with { Answers = Answers.Where(a => !keys.Contains(a.Key)).ToDictionary() };
}
