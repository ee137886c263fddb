namespace Verify.Engine.Guest;

/// <summary>A file is not a guest program this machine can run. The message is one line and names the remedy.</summary>
public sealed class ElfException(string message) : Exception(message);
