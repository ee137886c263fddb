using System.CommandLine;
using Verify.Checker.Campaigns;
using Verify.Checker.MemoryModels.Litmus;
using Verify.Checker.Replay;
using Verify.Cli.Verbs;
using Verify.Cli.Workers;
using Verify.Engine.Dirty;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Memory;
using Verify.Engine.Migration;
using Verify.Rewriter;
using Verify.Scenarios;

namespace Verify.Cli;

/// <summary>The <c>verify</c> command line.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var root = new RootCommand("Finds races in low-level .NET code, with a multithreaded binary translator as its subject.")
        {
            CheckVerb.Make(),
            TestVerb.Make(),
            ReplayVerb.Make(),
            LitmusVerb.Make(),
            ShrinkVerb.Make(),
            ShowVerb.Make(),
            RunVerb.Make(),
            ListVerb.Make(),
            RewriteVerb.Make(),
            MergeVerb.Make(),
            MutateVerb.Make(),
            StressVerb.Make(),
            StressVerb.MakeWorker(),
            CompareVerb.Make(),
            WorkerVerb.Make(),
        };
        using var interrupt = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = !interrupt.IsCancellationRequested; // a second Ctrl-C ends the process
            if (!e.Cancel && !Console.IsOutputRedirected)
            {
                Console.CursorVisible = true; // a matrix that fills hides it
                Console.WriteLine();
            }

            interrupt.Cancel();
        };
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            bool atRoot = parsed.CommandResult.Command == root;
            string what = atRoot && parsed.UnmatchedTokens.Count > 0
                ? $"there is no command '{parsed.UnmatchedTokens[0]}'; the commands are {string.Join(", ", root.Subcommands.Where(c => !c.Hidden).Select(c => c.Name))}."
                : parsed.Errors[0].Message;
            return Refuse(what + " See `verify " + (atRoot ? "" : parsed.CommandResult.Command.Name + " ") + "--help`.");
        }

        try
        {
            return parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interrupt.Token)
                .GetAwaiter().GetResult();
        }
        catch (Exception e) when (IsInput(e))
        {
            return Refuse(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) // a full disk, a closed pipe, a folder that is a file
        {
            return Refuse($"{e.Message.TrimEnd('.')}; name a file or folder that you may read and write, on a disk with room");
        }
    }

    internal static bool IsInput(Exception e) =>
        e is InputException or ElfException or RewriteException or ScheduleFormatException or CampaignFormatException or CertificateFormatException
            or UnknownStrategyException or UnknownScenarioException or UnknownVariantException or LitmusFormatException or Checker.Runtime.GarbageCollectedException
            or DirtyMemoryException or RamListException or MigrationException;

    private static int Refuse(string message)
    {
        Console.Error.WriteLine("verify: " + Output.Plain.OneLine(message));
        return ExitCodes.Input;
    }
}
