namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>A litmus file is not of the form; the message is one line with the test's name and what is wrong.</summary>
public sealed class LitmusFormatException(string message) : Exception(message);
