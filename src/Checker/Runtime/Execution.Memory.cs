using System.Diagnostics;
using Verify.Checker.MemoryModels;

namespace Verify.Checker.Runtime;

// The memory of the execution, where it is modelled, and what synchronization objects mean to it.
internal sealed partial class Execution
{
    private readonly IWeakChoices _weak;
    private int _question; // asked since the last event

    /// <summary>Where accesses go under a memory model or with race detection; null when they are ordinary ones.</summary>
    internal ModelledMemory? Memory { get; }

    /// <summary>The same, and null once the execution is ending: what threads do while they unwind is nobody's business.</summary>
    internal ModelledMemory? ActiveMemory => _aborting ? null : Memory;

    /// <summary>Whether a collection may have moved objects under it: what it did after that means nothing, and it is to be run again.</summary>
    internal bool Disturbed { get; private set; }

    /// <summary>Whether plain accesses are scheduling points.</summary>
    internal bool PlainPoints { get; }

    /// <summary>How many of the machine's questions have been answered since the last event.</summary>
    internal int Questions => _question;

    /// <summary>
    /// What the thread did so far happens before what a thread does that acquires the object from here on. To be called by every model of a
    /// synchronization object when a thread signals, leaves or opens it, at the event at which it does.
    /// </summary>
    /// <param name="self">The calling thread.</param>
    /// <param name="syncObject">Number of the object: one number space for all kinds of object.</param>
    internal void Released(ControlledThread self, int syncObject) => Memory?.Release(self, syncObject);

    /// <summary>The other half of <see cref="Released"/>: the thread took, entered or was let through the object.</summary>
    internal void Acquired(ControlledThread self, int syncObject) => Memory?.Acquire(self, syncObject);

    /// <summary>Answers a question of the memory machine; 0 is what memory does under sequential consistency.</summary>
    internal int ChooseWeak(OperationKind kind, int thread, int count, int site)
    {
        if (_aborting || _question > Step.MostQuestions)
        {
            return 0;
        }

        int question = _question++;
        int answer = kind == OperationKind.ReadFrom ? _weak.ReadFrom(thread, count, site) : _weak.Place(thread, count, site);
        Debug.Assert(answer >= 0 && answer < count);
        if (answer != 0)
        {
            _log.Add(new Step(thread, site, kind, Step.WeakValue(question, answer)));
        }

        return answer;
    }

    /// <summary>Ends the execution because objects may have moved.</summary>
    internal Exception Disturb(ControlledThread self)
    {
        Disturbed = true;
        _aborting = true;
        return BeginUnwinding(self);
    }
}
