namespace Verify.Scenarios;

/// <summary>A scenario's invariant does not hold. The message says what was found and what was expected.</summary>
public sealed class InvariantViolationException(string message) : Exception(message);

/// <summary>A scenario was named that does not exist. The message is one line and lists the closest valid names.</summary>
public sealed class UnknownScenarioException(string message) : Exception(message);

/// <summary>A variant was named that its scenario does not have. The message is one line and lists the closest valid names.</summary>
public sealed class UnknownVariantException(string message) : Exception(message);
