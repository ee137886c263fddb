namespace Verify.Engine.Protocol;

/// <summary>Stopping all vCPUs and letting them go on, by several threads; QEMU's pause_all_vcpus and resume_all_vcpus.</summary>
public interface IPauseSteps
{
    /// <summary>One of those who paused the machine has done. Under the lock of pausing.</summary>
    /// <param name="pauses">Pauses that have begun and not ended, at least 1.</param>
    /// <returns>Whether the vCPUs go on: nobody else has paused them.</returns>
    static virtual bool EndPause(ref int pauses) => --pauses == 0;

    /// <summary>A parked vCPU has found that it need not stay, and is about to be parked no more. Under the lock of pausing.</summary>
    /// <param name="mustStay">Somebody has paused the machine since it looked; with this vCPU still parked, that pause may have returned.</param>
    /// <returns>Whether it goes.</returns>
    static virtual bool LeavePark(bool mustStay) => !mustStay;
}
