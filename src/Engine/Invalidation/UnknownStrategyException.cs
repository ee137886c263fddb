namespace Verify.Engine.Invalidation;

/// <summary>A strategy was named that is in no catalogue. The message is one line and lists the valid names.</summary>
public sealed class UnknownStrategyException(string message) : Exception(message);
