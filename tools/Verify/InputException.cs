namespace Verify.Cli;

/// <summary>The user gave something that cannot be used. The message is one line with the remedy.</summary>
internal sealed class InputException(string message) : Exception(message);
