using Verify.Engine.Execution;

namespace Verify.Engine.Protocol;

/// <summary>Hand-over of work to a vCPU and back; races.md scenarios 30 and 31.</summary>
public interface IWorkSteps
{
    /// <summary>Queues the work, then asks the vCPU to come out of its loop.</summary>
    /// <returns>False if the vCPU's thread has ended: nobody will do the work.</returns>
    static virtual bool Queue(VCpu cpu, CpuWork work)
    {
        bool queued = cpu.Work.Add(work);
        cpu.Kick(); // after the work is there: the vCPU takes the request back, then looks
        return queued;
    }

    /// <summary>The vCPU is outside, and about to look for what it was asked to come out for.</summary>
    static virtual void TakeRequest(VCpu cpu) => cpu.TakeExitRequest();

    /// <summary>The work has been done: mark it, then wake who waits for it.</summary>
    static virtual void Complete(CpuWork work, object completion)
    {
        work.Done = true;
        lock (completion)
        {
            Monitor.PulseAll(completion); // the waiter tests Done under this lock
        }
    }
}
