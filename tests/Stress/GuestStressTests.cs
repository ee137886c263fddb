using Verify.Engine.Execution;
using Verify.Engine.Invalidation;

namespace Verify.Tests.Stress;

/// <summary>
/// Whole guests on real threads, every strategy, one to four vCPUs, in an ordinary arena. VERIFY_STRESS_ROUNDS repeats them; 1 by default.
/// </summary>
public class GuestStressTests
{
    private static readonly int s_rounds = int.TryParse(Environment.GetEnvironmentVariable("VERIFY_STRESS_ROUNDS"), out int rounds) ? rounds : 1;

    public static TheoryData<string, string, int> Runs
    {
        get
        {
            TheoryData<string, string, int> data = [];
            foreach (string guest in new[] { "spinlock", "smc", "sieve", "lcg", "crc", "matmul", "fib", "interrupts", "vm", "straddle" })
            {
                foreach (InvalidationEntry strategy in InvalidationCatalog.All)
                {
                    foreach (int cpus in new[] { 1, 2, 4 })
                    {
                        data.Add(guest, strategy.Name, cpus);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_guest_gives_its_result(string guest, string strategy, int cpus) => Run(guest, strategy, cpus, new MachineOptions());

    /// <summary>Only sound strategies: a flush every few blocks, while the others execute. A wrong patch is a wrong result or a fault.</summary>
    [Theory]
    [MemberData(nameof(Runs))]
    public void A_sound_strategy_gives_the_result_while_the_arena_is_flushed_all_the_time(string guest, string strategy, int cpus)
    {
        if (InvalidationCatalog.Find(strategy).IsSound)
        {
            Run(guest, strategy, cpus, new MachineOptions { TbCapacity = 6 });
        }
    }

    private static void Run(string guest, string strategy, int cpus, MachineOptions options)
    {
        string expected = guest switch
        {
            "spinlock" => $"spinlock {20000 * cpus}",
            "smc" => "smc wrong 0",
            "sieve" => "sieve 6542",
            "lcg" => "lcg 11443582538978462373",
            "crc" => "crc 3762047428",
            "matmul" => "matmul 8274373190163980800",
            "interrupts" => "interrupts\nticks 20\nipis 25\nwrong 0",
            "vm" => "vm wrong 0",
            "straddle" => "straddle wrong 0",
            _ => "fib 27060",
        };
        for (int round = 0; round < s_rounds; round++)
        {
            StringWriter console = new();
            GuestResult result = GuestRun.Execute(PathOf(guest), cpus, strategy, options, console, TestContext.Current.CancellationToken);
            Assert.Equal((expected + "\n", 0L, null), (console.ToString(), result.ExitCode, result.Fault));
        }
    }

    private static string PathOf(string guest)
    {
        string? at = AppContext.BaseDirectory;
        while (at != null && !File.Exists(Path.Combine(at, "Verify.sln")))
        {
            at = Path.GetDirectoryName(at);
        }

        return Path.Combine(at!, "guests", "bin", guest + ".elf");
    }
}
