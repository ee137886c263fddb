using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Verify.Engine.Execution;
using Verify.Engine.Guest;

namespace Verify.Benchmarks.Interpreter;

/// <summary>
/// Guest speed of the interpreter beside qemu-riscv64, on the same programs; and two vCPUs beside one. Prints Markdown for docs/performance-interpreter.md.
/// </summary>
/// <remarks>
/// The peer is optional: without it the ratios are left out, with a note. Speed against it is by user CPU time, as wall clock says little on a machine shared
/// with others; rounds alternate between the two, and the best round of each counts. Starting qemu is measured with a program that does next to nothing
/// and taken off. Ours runs in this process, so only its first round pays for JIT compilation.
/// </remarks>
internal static class InterpreterVersusQemu
{
    private const string Peer = "qemu-riscv64";
    private static readonly string[] s_programs = ["sieve", "lcg", "crc", "matmul", "fib"];

    /// <param name="arguments">The number of rounds; 5 if there is none.</param>
    internal static void Run(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 5;
        bool hasPeer = ChildUserSeconds("nothing") != null;
        if (!hasPeer)
        {
            Console.WriteLine($"{Peer} was not found: its columns are left out (Debian: qemu-user).\n");
        }

        Console.WriteLine("| program | million instructions | MIPS | of qemu-riscv64 | 2 vCPUs to 1, wall | 2 vCPUs to 1, CPU |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        List<double> ratios = [], wallRatios = [], cpuRatios = [];
        foreach (string program in s_programs)
        {
            GuestImage image = ElfLoader.ReadFile(PathOf(program));
            double qemu = double.MaxValue, starting = double.MaxValue;
            (double Cpu, double Wall) one = (double.MaxValue, double.MaxValue), two = one;
            long instructions = 0;
            for (int i = 0; i < rounds; i++)
            {
                one = Best(one, Measure(image, 1, out instructions));
                two = Best(two, Measure(image, 2, out _));
                if (hasPeer)
                {
                    starting = Math.Min(starting, ChildUserSeconds("nothing")!.Value);
                    qemu = Math.Min(qemu, ChildUserSeconds(program)!.Value);
                }
            }

            ratios.Add((qemu - starting) / one.Cpu);
            wallRatios.Add(2 * one.Wall / two.Wall);
            cpuRatios.Add(2 * one.Cpu / two.Cpu);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {program} | {instructions / 1e6:F0} | {instructions / 1e6 / one.Cpu:F0} | {(hasPeer ? ratios[^1].ToString("F3", CultureInfo.InvariantCulture) : "")} " +
                $"| {wallRatios[^1]:F2} | {cpuRatios[^1]:F2} |"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| geometric mean | | | {(hasPeer ? Mean(ratios).ToString("F3", CultureInfo.InvariantCulture) : "")} | {Mean(wallRatios):F2} | {Mean(cpuRatios):F2} |"));
    }

    private static (double Cpu, double Wall) Measure(GuestImage image, int cpus, out long instructions)
    {
        TimeSpan before = Environment.CpuUsage.UserTime;
        long start = Stopwatch.GetTimestamp();
        GuestResult result = GuestRun.Execute(image, cpus, "per-cpu-flag", new MachineOptions(), TextWriter.Null);
        double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{image.Name} ended with {result.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? result.Fault?.ToString()}");
        }

        instructions = result.Instructions;
        return ((Environment.CpuUsage.UserTime - before).TotalSeconds, wall);
    }

    // Three runs, because the kernel tells the time of ended children in hundredths of a second. Null if there is no such peer.
    private static double? ChildUserSeconds(string program)
    {
        const int Runs = 3;
        double before = EndedChildren();
        for (int i = 0; i < Runs; i++)
        {
            try
            {
                using Process child = Process.Start(new ProcessStartInfo(Peer, PathOf(program)) { RedirectStandardOutput = true })!;
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

    // proc(5): cutime is field 16 of stat, in ticks of 10 ms; the second field, in brackets, may contain blanks.
    private static double EndedChildren()
    {
        string stat = File.ReadAllText("/proc/self/stat");
        return double.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[13], CultureInfo.InvariantCulture) / 100;
    }

    private static (double Cpu, double Wall) Best((double Cpu, double Wall) a, (double Cpu, double Wall) b) =>
        (Math.Min(a.Cpu, b.Cpu), Math.Min(a.Wall, b.Wall));

    private static double Mean(List<double> values) => Math.Exp(values.Average(Math.Log));

    private static string PathOf(string program)
    {
        string? at = AppContext.BaseDirectory;
        while (at != null && !File.Exists(Path.Combine(at, "Verify.sln")))
        {
            at = Path.GetDirectoryName(at);
        }

        return Path.Combine(at ?? throw new DirectoryNotFoundException("run this inside the repository: it needs guests/bin/bench/user"),
            "guests", "bin", "bench", "user", program + ".elf");
    }
}
