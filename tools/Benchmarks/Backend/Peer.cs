using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Verify.Benchmarks.Backend;

/// <summary>Other emulators, as child processes.</summary>
internal static class Peer
{
    /// <summary>User CPU seconds of one execution, or null if there is no such program.</summary>
    internal static double? UserSeconds(string program, params string[] arguments)
    {
        const int Runs = 3; // the kernel tells the time of ended children in hundredths of a second
        double before = EndedChildren();
        for (int i = 0; i < Runs; i++)
        {
            try
            {
                using Process child = Process.Start(
                    new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
                child.StandardInput.Close();
                child.StandardOutput.ReadToEnd();
                child.WaitForExit();
            }
            catch (Win32Exception)
            {
                return null;
            }
        }

        return (EndedChildren() - before) / Runs;
    }

    /// <summary>A program of guests/bin/bench.</summary>
    internal static string PathOf(string kind, string program)
    {
        string? at = AppContext.BaseDirectory;
        while (at != null && !File.Exists(Path.Combine(at, "Verify.sln")))
        {
            at = Path.GetDirectoryName(at);
        }

        return Path.Combine(at ?? throw new DirectoryNotFoundException("run this inside the repository: it needs guests/bin/bench"),
            "guests", "bin", "bench", kind, program + ".elf");
    }

    // proc(5): cutime is field 16 of stat, in ticks of 10 ms; the second field, in brackets, may contain blanks.
    private static double EndedChildren()
    {
        string stat = File.ReadAllText("/proc/self/stat");
        return double.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[13], CultureInfo.InvariantCulture) / 100;
    }
}
