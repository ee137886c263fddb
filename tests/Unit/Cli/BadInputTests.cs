namespace Verify.Tests.Unit.Cli;

/// <summary>Whatever is wrong with what the user gave: one line on standard error with the remedy, exit code 2, no stack trace.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("verify-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, string[]> Cases => new()
    {
        { "no command", ["See `verify --help`"] },
        { "frobnicate", ["no command 'frobnicate'", "check", "replay"] },
        { "run", ["FILE", "verify run --help"] },
        { "run nope.elf", ["no such file"] },
        { "run TRUNCATED", ["truncated"] },
        { "run FOREIGN", ["another architecture", "RISC-V is 243"] },
        { "run TEXT", ["not an ELF"] },
        { "run ELF32", ["32-bit"] },
        { "run ILLEGAL", ["illegal instruction", "0x80000"] },
        { "run guests/bin/sieve.elf --cpus 0", ["--cpus must be from 1 to 64"] },
        { "run guests/bin/sieve.elf --cpus many", ["many", "--cpus"] },
        { "run guests/bin/sieve.elf --strategy per-cpu", ["unknown strategy 'per-cpu'", "per-cpu-flag"] },
        { "run guests/bin/sieve.elf --dirty bitmap", ["no dirty-memory design 'bitmap'", "rcu-blocks"] },
        { "run guests/bin/sieve.elf --dirty none --migrate-at 5", ["none", "need dirty memory"] },
        { "run guests/bin/flush.elf --cpus 2 --migrate-at 99999999999", ["the guest ended after", "smaller number"] },
        { "run guests/bin/sieve.elf --migrate-at -1", ["--migrate-at -1", "at least 0"] },
        { "run guests/bin/sieve.elf --hotplug 5@6", ["'5@6'", "16M@200000"] },
        { "run guests/bin/sieve.elf --kernel-log both", ["no kernel log 'both'", "ring"] },
        { "run guests/bin/sieve.elf --framebuffer NEWFOLDER --display vga", ["'vga'", "page-tables"] },
        { "run guests/bin/sieve.elf --display compare", ["--framebuffer DIR"] },
        { "run guests/bin/sieve.elf --ram 3", ["--ram", "64M"] },
        { "run guests/bin/sieve.elf --ram 4096G", ["--ram", "1024G"] },
        { "run guests/bin/sieve.elf --ram 4K", ["does not fit in RAM", "more RAM"] },
        { "run guests/bin/sieve.elf --flush now", ["now", "under-lock"] },
        { "run guests/bin/sieve.elf --storage nowhere", ["nowhere", "grace"] },
        { "run guests/bin/sieve.elf --tb-capacity 1", ["--tb-capacity must be from 2"] },
        { "run guests/bin/sieve.elf --strategy nope.dll:Mine", ["no file 'nope.dll'"] },
        { "run guests/bin/sieve.elf guests/bin/fib.elf", ["one FILE", "--all"] },
        { "run guests/bin/sieve.elf nope.elf --all", ["no such file"] },
        { "check --scenario flush", ["unknown scenario 'flush'", "flush-vs-last-tb", "verify list"] },
        { "check --scenario rcu-basic --variant no-fence", ["scenario 'rcu-basic' has no variant 'no-fence'", "no-fence-scan"] },
        { "check --variant nope", ["variant 'nope'", "verify list"] },
        { "check --explore rnd", ["rnd", "random"] },
        { "check --schedules 0", ["--schedules must be at least 1"] },
        { "check --output TEXT", ["is a file"] },
        { "check --shard 3/2", ["--shard", "2/4"] },
        { "check --budget 0", ["--budget", "more than 0"] },
        { "check --explore dpor --model tso", ["dpor is complete under sc only", "--explore exhaustive"] },
        { "check --resume --output NEWFOLDER", ["no progress file"] },
        { "test nope.dll", ["does not exist"] },
        { "test TEXT", ["not a managed assembly"] },
        { "merge nope.json", ["no progress file"] },
        { "merge TEXT", ["not a progress file"] },
        { "replay nope.json", ["no schedule file", "verify check"] },
        { "replay TEXT", ["not JSON"] },
        { "replay VERSION", ["format version 99"] },
        { "replay STALE", ["stale", "event 1", "verify check"] },
        { "replay SCENARIO", ["unknown scenario 'gone'"] },
        { "replay VARIANT", ["no variant 'gone'"] },
        { "shrink nope.json", ["no schedule file", "verify check"] },
        { "shrink STALE", ["cannot be shrunk", "record it again"] },
        { "shrink STALE --seconds 0", ["--seconds must be"] },
        { "show VERSION", ["format version 99"] },
        { "show STALE", ["stale", "event 1"] },
        { "show nope.certificate.json", ["no certificate", "verify check"] },
        { "show STALE --width 3", ["--width must be"] },
        { "rewrite nope.dll", ["does not exist"] },
        { "rewrite TEXT", ["not a managed assembly"] },
        { "rewrite FOREIGN", ["not a managed assembly"] },
        { "rewrite REWRITTEN", ["already rewritten"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Bad_input_gets_one_line_with_the_remedy_and_exit_code_2(string line, string[] expected)
    {
        string[] args = line == "no command" ? [] : [.. line.Split(' ').Select(Prepare)];

        (int exitCode, string output, string error) = CommandLine.Run(args);

        Assert.Equal(2, exitCode);
        Assert.Equal("", output);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("verify: ", error);
        Assert.DoesNotContain("   at ", error);
        Assert.All(expected, e => Assert.Contains(e, error, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("run guests/bin/sieve.elf --migrate-at 99999999999", "smaller number")]
    [InlineData("run guests/bin/sieve.elf --hotplug 1M@99999999999", "smaller number")]
    [InlineData("run guests/bin/sieve.elf --framebuffer NEWFOLDER", "shown no picture")]
    public void What_only_the_end_of_the_guest_shows_to_be_wrong_is_said_after_its_output(string line, string expected)
    {
        (int exitCode, string output, string error) = CommandLine.Run([.. line.Split(' ').Select(Prepare)]);
        Assert.Equal((2, "sieve 6542\n"), (exitCode, output));
        Assert.Contains(expected, Assert.Single(error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    // Words in capitals stand for files made here.
    private string Prepare(string word)
    {
        string path = Path.Combine(_folder, word.ToLowerInvariant() + ".bin");
        switch (word)
        {
            case "TEXT":
                File.WriteAllText(path, new string('x', 500));
                break;
            case "NEWFOLDER":
                break;
            case "TRUNCATED":
                File.WriteAllBytes(path, Guest()[..100]);
                break;
            case "FOREIGN":
                byte[] foreign = Guest();
                foreign[18] = 62; // e_machine = x86-64
                File.WriteAllBytes(path, foreign);
                break;
            case "ELF32":
                byte[] narrow = Guest();
                narrow[4] = 1; // EI_CLASS = 32-bit
                File.WriteAllBytes(path, narrow);
                break;
            case "ILLEGAL":
                byte[] guest = Guest();
                int entry = guest.AsSpan().IndexOf(Guest().AsSpan(CodeOffset(guest), 8));
                guest.AsSpan(entry, 64).Clear(); // all zeros is defined to be illegal
                File.WriteAllBytes(path, guest);
                break;
            case "VERSION":
            case "STALE":
            case "SCENARIO":
            case "VARIANT":
                File.WriteAllText(path, BrokenSchedule(word));
                break;
            case "REWRITTEN":
                string engine = typeof(Verify.Engine.Execution.Machine).Assembly.Location;
                Verify.Rewriter.AssemblyRewriter.Rewrite(engine, path, new Verify.Rewriter.RewriteOptions());
                break;
            default:
                return word;
        }

        return path;
    }

    private static byte[] Guest() => File.ReadAllBytes(Path.Combine(Repository.Folder, "guests", "bin", "sieve.elf"));

    // File offset of the segment that holds the entry point.
    private static int CodeOffset(byte[] elf)
    {
        ulong entry = BitConverter.ToUInt64(elf, 24);
        int headers = (int)BitConverter.ToUInt64(elf, 32);
        int count = BitConverter.ToUInt16(elf, 56);
        for (int i = 0; i < count; i++)
        {
            int header = headers + (i * 56);
            ulong offset = BitConverter.ToUInt64(elf, header + 8), start = BitConverter.ToUInt64(elf, header + 16), size = BitConverter.ToUInt64(elf, header + 32);
            if (BitConverter.ToUInt32(elf, header) == 1 && entry >= start && entry < start + size)
            {
                return (int)(offset + (entry - start));
            }
        }

        throw new InvalidOperationException("no segment holds the entry point");
    }

    private static string BrokenSchedule(string how)
    {
        var recorded = Verify.Checker.Exploration.Explorer.Explore(
            Checker.Program.LostUpdate, new Verify.Checker.Exploration.ExplorationOptions()).Schedule!;
        string json = Verify.Checker.Replay.ScheduleWriter.ToJson(
            recorded with { Test = how == "SCENARIO" ? "gone" : "flush-vs-last-tb", Variant = how == "VARIANT" ? "gone" : "global-flag" });
        return how == "VERSION" ? json.Replace("\"version\": 1", "\"version\": 99", StringComparison.Ordinal) : json;
    }
}
