namespace Verify.Checker.Runtime;

/// <summary>OS threads that outlive executions: creating one per controlled thread would dominate short tests.</summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly Stack<Worker> _idle = new(); // touched by the baton holder only
    private readonly List<Worker> _all = [];

    /// <summary>A parked worker. It runs <see cref="Worker.Thread"/>'s body once its gate opens.</summary>
    internal Worker Rent()
    {
        if (_idle.TryPop(out Worker? worker))
        {
            return worker;
        }

        worker = new Worker();
        _all.Add(worker);
        return worker;
    }

    internal void Return(Worker worker) => _idle.Push(worker);

    /// <summary>Never rents the worker again, nor waits for its end.</summary>
    internal void Forget(Worker worker) => _all.Remove(worker);

    public void Dispose()
    {
        foreach (Worker worker in _all)
        {
            worker.Stop();
        }
    }

    internal sealed class Worker
    {
        private readonly Thread _os;
        private bool _stop;

        internal Worker()
        {
            _os = new Thread(Run) { IsBackground = true, Name = "controlled" };
            _os.Start();
        }

        internal Gate Gate { get; } = new();

        internal Thread Host => _os;

        internal ControlledThread? Thread { get; set; } // written by the baton holder before it opens the gate

        internal void Stop()
        {
            _stop = true;
            Gate.Open();
            _os.Join();
            Gate.Dispose();
        }

        private void Run()
        {
            while (true)
            {
                Gate.Wait();
                if (_stop)
                {
                    return;
                }

                // From the moment RunThread hands the baton on, this worker may be rented again: nothing of it is touched after.
                ControlledThread thread = Thread!;
                thread.Execution.RunThread(thread, this);
            }
        }
    }
}
