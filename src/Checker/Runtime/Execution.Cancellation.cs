namespace Verify.Checker.Runtime;

internal sealed partial class Execution
{
    private readonly Dictionary<long, CancellationModel.Registration> _registrations = [];

    internal void Register(long id, CancellationModel.Registration registration) => _registrations.Add(id, registration);

    internal CancellationModel.Registration? Registration(long id) => _registrations.GetValueOrDefault(id);

    /// <summary>Requests cancellation and runs the callbacks, the latest registered first, as .NET does.</summary>
    /// <exception cref="AggregateException">Callbacks threw.</exception>
    internal void Cancel(ControlledThread self, CancellationModel model, bool throwOnFirstException, int site)
    {
        if (!Signal(self, model, site) || model.Cancelled)
        {
            return;
        }

        model.Cancelled = true;
        Disarm(model);
        model.Changed(this);
        List<Exception>? thrown = null;
        while (model.TakeLatest() is { } registration)
        {
            registration.RunBy = self;
            try
            {
                registration.Callback();
            }
            catch (Exception e) when (e is not ExecutionAbortException && !throwOnFirstException)
            {
                (thrown ??= []).Add(e);
            }
            finally
            {
                registration.RunBy = null;
                registration.Changed(this);
            }
        }

        if (thrown is not null)
        {
            throw new AggregateException(thrown);
        }
    }

    /// <summary>Counts down on a background thread of its own, as the framework's timer fires on a thread of the pool.</summary>
    internal void CancelAfter(ControlledThread self, CancellationModel model, int milliseconds, int site)
    {
        Disarm(model);
        if (milliseconds == Timeout.Infinite)
        {
            return;
        }

        var timer = new CancellationModel.Countdown(this);
        model.Timer = timer;
        var record = new ThreadRecord { Start = () => { }, IsBackground = true, Name = timer.Name };
        record.Body = () =>
        {
            ControlledThread thread = record.Controlled!;
            if (milliseconds == 0 || Wait(thread, timer, null, milliseconds, site) == WaitOutcome.TimedOut)
            {
                if (!timer.Disarmed)
                {
                    Cancel(thread, model, throwOnFirstException: false, site);
                }
            }
        };
        Start(self, record, site);
    }

    internal void Disarm(CancellationModel model)
    {
        if (model.Timer is { } timer)
        {
            timer.Disarmed = true;
            timer.Changed(this);
            model.Timer = null;
        }
    }
}
