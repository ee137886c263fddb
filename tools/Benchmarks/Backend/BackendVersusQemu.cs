using System.Diagnostics;
using System.Globalization;
using Verify.Engine.Backends;
using Verify.Engine.Execution;
using Verify.Engine.Guest;

namespace Verify.Benchmarks.Backend;

/// <summary>
/// Guest speed of each back end beside qemu-riscv64 and qemu-system-riscv64, on the same programs, and what its parts cost. Prints Markdown for
/// docs/performance-x64.md.
/// </summary>
/// <remarks>
/// User CPU time; a round runs everybody once, one after the other; the figures are medians over rounds of the ratios within a round. Peers are
/// optional. Their starting time is measured with a program that does next to nothing, and taken off. Ours include loading, translation and the end
/// of the vCPU, but not the start of .NET. qemu-system runs the guests in machine mode on its board virt, ours are the ones for Linux in user mode: the same loops.
/// </remarks>
internal static class BackendVersusQemu
{
    private static readonly string[] s_programs = ["sieve", "lcg", "crc", "matmul", "fib"];

    private static readonly (string Name, BackendKind Kind)[] s_backends =
        [("interp", BackendKind.Interpreter), ("x64", BackendKind.X64), ("x64-flat", BackendKind.X64Flat)];

    /// <param name="arguments">The number of rounds; 5 if there is none.</param>
    internal static void Run(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 5;
        (string Name, Func<string, double?> Seconds)[] peers =
        [
            ("qemu-user", program => Peer.UserSeconds("qemu-riscv64", Peer.PathOf("user", program))),
            ("qemu-system", program => Peer.UserSeconds(
                "qemu-system-riscv64", "-M", "virt", "-bios", "none", "-display", "none", "-serial", "stdio", "-monitor", "none",
                "-kernel", Peer.PathOf("virt", program))),
        ];
        foreach ((string name, Func<string, double?> seconds) in peers)
        {
            if (seconds("nothing") == null)
            {
                Console.WriteLine($"{name} was not found: its columns stay empty (Debian: qemu-user, qemu-system-misc).\n");
            }
        }

        Console.WriteLine("| program | " + string.Join(" | ", s_backends.Select(b => $"{b.Name} MIPS")) + " | " +
            string.Join(" | ", peers.SelectMany(p => s_backends.Select(b => $"{b.Name} / {p.Name}"))) + " |" +
            " x64: 2 vCPUs to 1, wall | x64: 2 machines to 1, wall | x64: 2 vCPUs to 1, CPU |");
        Console.WriteLine("|---|" + string.Concat(Enumerable.Repeat("---:|", s_backends.Length * (1 + peers.Length) + 3)));
        Dictionary<string, List<double>> columns = [];
        foreach (string program in s_programs)
        {
            Dictionary<string, List<double>> samples = [];
            for (int round = 0; round < rounds; round++)
            {
                Round(program, peers, samples);
            }

            Console.WriteLine($"| {program} | " + string.Join(" | ", samples.Select(s => Text(Median(s.Value), s.Key))) + " |");
            foreach ((string column, List<double> values) in samples)
            {
                columns.TryAdd(column, []);
                columns[column].Add(Median(values));
            }
        }

        Console.WriteLine("| geometric mean | " + string.Join(" | ", columns.Select(c => Text(Mean(c.Value), c.Key))) + " |");
        Console.WriteLine("| without fib | " + string.Join(" | ", columns.Select(c => Text(Mean(c.Value.SkipLast(1)), c.Key))) + " |");
        BackendParts.Run();
    }

    private static void Round(string program, (string Name, Func<string, double?> Seconds)[] peers, Dictionary<string, List<double>> samples)
    {
        GuestImage image = ElfLoader.ReadFile(Peer.PathOf("user", program));
        Dictionary<BackendKind, double> cpu = [];
        foreach ((string name, BackendKind kind) in s_backends)
        {
            cpu[kind] = Measure(image, kind, 1, out long instructions, out _);
            Add(name + " MIPS", instructions / 1e6 / cpu[kind]);
        }

        foreach ((string peer, Func<string, double?> seconds) in peers)
        {
            double? took = seconds(program) - seconds("nothing");
            foreach ((string name, BackendKind kind) in s_backends)
            {
                Add($"{name} / {peer}", took / cpu[kind] ?? double.NaN);
            }
        }

        double one = Measure(image, BackendKind.X64, 1, out _, out double oneWall), two = Measure(image, BackendKind.X64, 2, out _, out double twoWall);
        Add("wall", 2 * oneWall / twoWall);
        Add("machines", 2 * oneWall / TwoMachines(image)); // they share nothing: what the host's CPUs allow
        Add("CPU", 2 * one / two);

        void Add(string column, double value)
        {
            samples.TryAdd(column, []);
            samples[column].Add(value);
        }
    }

    private static double Measure(GuestImage image, BackendKind kind, int cpus, out long instructions, out double wall)
    {
        TimeSpan before = Environment.CpuUsage.UserTime;
        long start = Stopwatch.GetTimestamp();
        GuestResult result = GuestRun.Execute(image, cpus, "per-cpu-flag", new MachineOptions { Backend = kind }, TextWriter.Null);
        wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (result.ExitCode != 0 || result.BackendNotice != null)
        {
            throw new InvalidOperationException($"{image.Name} ended with {result.ExitCode} {result.Fault} {result.BackendNotice}");
        }

        instructions = result.Instructions;
        return (Environment.CpuUsage.UserTime - before).TotalSeconds;
    }

    private static double TwoMachines(GuestImage image)
    {
        long start = Stopwatch.GetTimestamp();
        Thread other = new(() => Measure(image, BackendKind.X64, 1, out _, out _));
        other.Start();
        Measure(image, BackendKind.X64, 1, out _, out _);
        other.Join();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static double Mean(IEnumerable<double> values) => Math.Exp(values.Average(Math.Log));

    private static string Text(double value, string column) =>
        double.IsNaN(value) ? "" : value.ToString(column.EndsWith("MIPS", StringComparison.Ordinal) ? "F0" : "F2", CultureInfo.InvariantCulture);
}
