using System.Diagnostics;
using System.Text.Json;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Compare;

/// <summary>The cost columns: what tools/Benchmarks measures, in a process of its own, read from the JSON it exports.</summary>
internal sealed class Measurements
{
    private const double NoisyFrom = 1.5; // median over minimum

    private readonly Dictionary<string, Cost> _costs = [];

    private Measurements()
    {
    }

    /// <summary>Where the benchmarks lie: beside the command, as the build puts them.</summary>
    internal static string Program => Path.Combine(AppContext.BaseDirectory, "benchmarks", "Verify.Benchmarks.dll");

    /// <exception cref="InputException">The benchmarks are not there.</exception>
    internal static void Check()
    {
        if (!File.Exists(Program))
        {
            throw new InputException($"the benchmarks are not at {Program}; build Verify.sln, or give --no-costs");
        }
    }

    /// <summary>Runs the benchmarks and reads what they exported.</summary>
    /// <param name="filters">BenchmarkDotNet's, by full name.</param>
    /// <param name="compared">The strategies to measure, and the designs of the user's own.</param>
    /// <param name="quick">A few single iterations.</param>
    /// <param name="folder">For its files; emptied of results of an earlier run.</param>
    /// <param name="progress">Told of each benchmark that begins.</param>
    /// <param name="cancellation">Ends it; what was exported by then is read.</param>
    internal static Measurements Run(
        IReadOnlyList<string> filters, Compared compared, bool quick, string folder, Action<string> progress, CancellationToken cancellation)
    {
        string results = Path.Combine(folder, "results");
        if (Directory.Exists(results))
        {
            Directory.Delete(results, recursive: true);
        }

        Directory.CreateDirectory(folder);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[Program, "--filter", .. filters, "--artifacts", folder])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_TieredCompilation"] = "0"; // the runs are short
        start.Environment["VERIFY_BENCHMARK_STRATEGIES"] = string.Join(';', compared.Strategies.Select(s => s.Name));
        start.Environment["VERIFY_BENCHMARK_DESIGNS"] = string.Join(';', compared.Designs.Select(d => d.Name).Where(name => StrategyLoader.Split(name) is not null));
        start.Environment["VERIFY_BENCHMARK_QUICK"] = quick ? "1" : "0";
        using Process process = Process.Start(start)!;
        using CancellationTokenRegistration kill = cancellation.Register(() => process.Kill(entireProcessTree: true));
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("// Benchmark: ", StringComparison.Ordinal))
            {
                progress(line["// Benchmark: ".Length..].Split(':')[0]);
            }
        }

        process.WaitForExit();
        if (process.ExitCode != 0 && !cancellation.IsCancellationRequested)
        {
            throw new InputException($"the benchmarks ended with {process.ExitCode}: {errors.Result.Split('\n')[0]}; run them with `dotnet {Program} --filter {filters[0]}` to see why");
        }

        return Gather(folder);
    }

    /// <summary>Reads exported results.</summary>
    /// <exception cref="InputException">There is no such folder, or nothing of the sort in it.</exception>
    internal static Measurements Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new InputException($"there is no folder '{folder}'; leave --costs out to measure");
        }

        Measurements read = Gather(folder);
        return read._costs.Count > 0
            ? read
            : throw new InputException($"there are no results of BenchmarkDotNet (*-report-brief.json) in '{folder}'; leave --costs out to measure");
    }

    private static Measurements Gather(string folder)
    {
        var read = new Measurements();
        foreach (string file in Directory.GetFiles(folder, "*-report-brief.json", SearchOption.AllDirectories))
        {
            read.Add(file);
        }

        return read;
    }

    private void Add(string file)
    {
        try
        {
            using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
            foreach (JsonElement benchmark in report.RootElement.GetProperty("Benchmarks").EnumerateArray())
            {
                if (benchmark.GetProperty("Statistics") is { ValueKind: JsonValueKind.Object } statistics)
                {
                    double least = statistics.GetProperty("Min").GetDouble();
                    _costs[Key(
                        benchmark.GetProperty("Type").GetString()!,
                        benchmark.GetProperty("Method").GetString()!,
                        benchmark.GetProperty("Parameters").GetString()!.Split('&', StringSplitOptions.RemoveEmptyEntries))] =
                        new Cost(least, statistics.GetProperty("Median").GetDouble() > NoisyFrom * least);
                }
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InputException($"'{file}' is no result of BenchmarkDotNet; take it out of the folder, or leave --costs out to measure");
        }
    }

    /// <summary>The cost of one benchmark; null when it was not measured.</summary>
    /// <param name="type">The benchmark class, with its first type argument, as <c>RcuBenchmarks&lt;TwoPhaseRcu&gt;</c>.</param>
    /// <param name="method">The method.</param>
    /// <param name="parameters">Each as <c>Backend=interp</c>, in any order.</param>
    internal Cost? Of(string type, string method, params string[] parameters) =>
        _costs.TryGetValue(Key(type, method, parameters), out Cost cost) ? cost : null;

    // Of a generic benchmark its first argument says what is measured; the others follow from it.
    private static string Key(string type, string method, IEnumerable<string> parameters) =>
        $"{type.Split(',')[0].TrimEnd('>')}.{method}({string.Join('&', parameters.Order(StringComparer.Ordinal))})";
}
