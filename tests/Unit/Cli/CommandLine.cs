using System.Diagnostics;

namespace Verify.Tests.Unit.Cli;

/// <summary>Runs the built command line as a user would: its own process, its real exit code.</summary>
internal static class CommandLine
{
    internal static (int ExitCode, string Output, string Error) Run(params string[] args) => RunIn(Repository.Folder, args);

    internal static (int ExitCode, string Output, string Error) RunIn(string folder, params string[] args) =>
        RunProgram(folder, "dotnet", [typeof(Verify.Cli.Subjects.ScenarioSubject).Assembly.Location, .. args]);

    /// <summary>Runs any program and waits for it.</summary>
    internal static (int ExitCode, string Output, string Error) RunProgram(string folder, string program, params string[] args)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
