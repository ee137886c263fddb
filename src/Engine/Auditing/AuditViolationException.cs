namespace Verify.Engine.Auditing;

/// <summary>An <see cref="IAudit"/> saw an invariant of the engine broken. The message names blocks, slots, generations and the vCPU.</summary>
public sealed class AuditViolationException(string message) : Exception(message);
