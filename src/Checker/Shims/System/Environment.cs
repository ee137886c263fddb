using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for <see cref="Environment"/>: iterators ask it which thread made them.</summary>
[ShimFor(typeof(Environment))]
[PassThrough(
    "NewLine", "ProcessorCount", "Is64BitProcess", "Is64BitOperatingSystem", "IsPrivilegedProcess", "OSVersion", "Version", "CommandLine",
    "GetCommandLineArgs", "CurrentDirectory", "SystemDirectory", "SystemPageSize", "MachineName", "UserName", "UserDomainName", "UserInteractive",
    "GetEnvironmentVariable", "GetEnvironmentVariables", "ExpandEnvironmentVariables", "GetFolderPath", "GetLogicalDrives", "ProcessPath",
    "FailFast", "HasShutdownStarted", "ExitCode", "StackTrace")]
public static class EnvironmentShim
{
    public static int get_CurrentManagedThreadId(int site) =>
        ControlledThread.Current is { } self ? self.Id + 1 : Environment.CurrentManagedThreadId;
}
