namespace Verify.Checker.Runtime;

// What the checker knows of the program's synchronization objects. The objects keep their own type and are only keys: an object seen for the
// first time in an execution starts from its real state, which control never changes. So objects made before the execution, static ones above
// all, start every execution in the same state.
internal sealed partial class Execution
{
    private static readonly List<Execution> s_running = []; // under s_running
    private static volatile int s_runningCount;             // of s_running, to be read without it

    private readonly Dictionary<object, object> _models = new(ReferenceEqualityComparer.Instance); // written under _models, by the baton holder
    private volatile Failure? _reportedFromOutside;

    /// <summary>The model of an object, made from its real state on first use.</summary>
    internal T Model<T>(object obj, Func<Execution, object, T> fromReal)
        where T : class
    {
        // As the call the shim stands in for.
        if (obj is null)
        {
            throw new NullReferenceException();
        }

        if (_models.TryGetValue(obj, out object? model))
        {
            return (T)model;
        }

        T made = fromReal(this, obj);
        Register(obj, made);
        return made;
    }

    internal void Register(object obj, object model)
    {
        lock (_models)
        {
            _models.Add(obj, model);
        }
    }

    /// <summary>The failure that a thread outside control tells of; taken up at the next decision.</summary>
    internal void Report(Failure failure) => _reportedFromOutside ??= failure;

    /// <summary>Called by every shim off control: an object that a running execution models cannot be used from outside at the same time.</summary>
    internal static void CheckUseFromOutside(object obj, string operation)
    {
        if (s_runningCount == 0 || obj is null)
        {
            return; // the real call throws on null
        }

        lock (s_running)
        {
            foreach (Execution execution in s_running)
            {
                bool models;
                lock (execution._models)
                {
                    models = execution._models.ContainsKey(obj) || execution._locks.ContainsKey(obj);
                }

                if (models)
                {
                    string message = $"{operation} on a thread outside control, on an object that controlled threads use; "
                        + "start that thread through a rewritten Thread.Start";
                    execution.Report(new Failure(FailureKind.UncontrolledCall, message, -1, Environment.StackTrace));
                    throw new Shims.UncontrolledCallException(message);
                }
            }
        }
    }

    private void BeginModels()
    {
        lock (s_running)
        {
            s_running.Add(this);
            s_runningCount = s_running.Count;
        }
    }

    private void EndModels()
    {
        lock (s_running)
        {
            s_running.Remove(this);
            s_runningCount = s_running.Count;
        }
    }
}
