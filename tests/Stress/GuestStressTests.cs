using Verify.Cli.Guests;
using Verify.Engine.Backends;
using Verify.Engine.Execution;
using Verify.Engine.Invalidation;

namespace Verify.Tests.Stress;

/// <summary>
/// Whole guests on real threads, every strategy and back end, one to four vCPUs. VERIFY_STRESS_ROUNDS repeats them; 1 by default.
/// </summary>
public class GuestStressTests
{
    private static readonly int s_rounds = int.TryParse(Environment.GetEnvironmentVariable("VERIFY_STRESS_ROUNDS"), out int rounds) ? rounds : 1;

    private static readonly int[] s_cpus = [1, 2, 4];

    private static readonly string[] s_guests =
        ["spinlock", "smc", "sieve", "lcg", "crc", "matmul", "fib", "interrupts", "vm", "straddle", "flush"];

    /// <summary>These leave in RAM what the interleaving was: registers an interrupt found, the order in which pages were mapped.</summary>
    private static readonly string[] s_interleavingInRam = ["interrupts", "vm"];

    public static TheoryData<string> Guests => [.. s_guests];

    public static TheoryData<string, string, int> Runs
    {
        get
        {
            TheoryData<string, string, int> data = [];
            foreach (string guest in s_guests)
            {
                foreach (InvalidationEntry strategy in InvalidationCatalog.All.Where(s => s.IsSound))
                {
                    foreach (int cpus in s_cpus)
                    {
                        data.Add(guest, strategy.Name, cpus);
                    }
                }
            }

            return data;
        }
    }

    /// <summary>What <c>verify run --all</c> prints: exit code, console and the last byte of RAM, under every strategy.</summary>
    [Theory]
    [MemberData(nameof(Guests))]
    public void No_guest_can_tell_the_strategies_and_back_ends_apart(string guest)
    {
        for (int round = 0; round < s_rounds; round++)
        {
            GuestMatrix matrix = GuestMatrix.Execute(
                [GuestFiles.PathOf(guest)], s_cpus, InvalidationCatalog.All, Enum.GetValues<BackendKind>(), new MachineOptions { RamSize = 4 << 20 }, _ => { }, TestContext.Current.CancellationToken);

            Assert.True(matrix.Holds);
            Assert.Equal(s_cpus.SelectMany(n => Enumerable.Repeat(n, 3)), matrix.Rows.Select(r => r.Cpus));
            Assert.Equal(3, matrix.Rows.Select(r => r.Backend).Distinct().Count());
            Assert.All(matrix.Rows, row =>
            {
                Assert.Equal(InvalidationCatalog.All.Count, row.Cells.Count);
                Assert.Equal((Expected(guest, row.Cpus), ExitCode(guest)), (row.First.Console, row.First.Outcome.Result.ExitCode));
                Assert.True(row.SameRam || (row.Cpus > 1 && s_interleavingInRam.Contains(guest)), $"RAM differs on {row.Cpus} vCPUs");
            });
        }
    }

    /// <summary>Only sound strategies: a flush every few blocks, while the others execute. A wrong patch is a wrong result or a fault.</summary>
    [Theory]
    [MemberData(nameof(Runs))]
    public void A_sound_strategy_gives_the_result_while_the_arena_is_flushed_all_the_time(string guest, string strategy, int cpus)
    {
        for (int round = 0; round < 3 * s_rounds; round++)
        {
            StringWriter console = new();
            GuestResult result = GuestRun.Execute(
                GuestFiles.PathOf(guest), cpus, strategy, new MachineOptions { TbCapacity = 6, Backend = (BackendKind)(round % 3) }, console, TestContext.Current.CancellationToken);
            Assert.Equal((Expected(guest, cpus), ExitCode(guest), null), (console.ToString(), result.ExitCode, result.Fault));
        }
    }

    private static long? ExitCode(string guest) => guest == "flush" ? 13 : 0;

    private static string Expected(string guest, int cpus) => guest switch
    {
        "spinlock" => $"spinlock {20000 * cpus}\n",
        "smc" => "smc wrong 0\n",
        "sieve" => "sieve 6542\n",
        "lcg" => "lcg 11443582538978462373\n",
        "crc" => "crc 3762047428\n",
        "matmul" => "matmul 8274373190163980800\n",
        "interrupts" => "interrupts\nticks 20\nipis 25\nwrong 0\n",
        "vm" => "vm wrong 0\n",
        "straddle" => "straddle wrong 0\n",
        "flush" => "",
        _ => "fib 27060\n",
    };
}
