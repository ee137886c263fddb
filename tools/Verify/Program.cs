using System.CommandLine;
using Verify.Checker.Campaigns;
using Verify.Checker.MemoryModels.Litmus;
using Verify.Checker.Replay;
using Verify.Cli.Verbs;
using Verify.Cli.Workers;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
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
            CompareVerb.Make(),
            WorkerVerb.Make(),
        };
        using var interrupt = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = !interrupt.IsCancellationRequested; // a second Ctrl-C ends the process
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
        catch (IOException e)
        {
            return Refuse(e.Message); // a full disk, a closed pipe, a folder that is a file
        }
        catch (UnauthorizedAccessException e)
        {
            return Refuse(e.Message);
        }
    }

    internal static bool IsInput(Exception e) =>
        e is InputException or ElfException or RewriteException or ScheduleFormatException or CampaignFormatException or UnknownStrategyException
            or UnknownScenarioException or UnknownVariantException or LitmusFormatException or Checker.Runtime.GarbageCollectedException;

    private static int Refuse(string message)
    {
        Console.Error.WriteLine("verify: " + Output.Plain.OneLine(message));
        return ExitCodes.Input;
    }
}
