using System.Text.Json;
using Verify.Cli.Output;
using Verify.Cli.Verbs;
using Verify.Engine.Guest;
using Verify.Scenarios.Guests;

namespace Verify.Cli.Stress;

/// <summary><c>verify stress --guests</c>: a line a guest, strategy and back end, and what was seen in all of them.</summary>
internal static class GuestStressReport
{
    private static readonly Dictionary<string, string> s_events = new()
    {
        [nameof(StressEvent.Linked)] = "jumps linked",
        [nameof(StressEvent.KickedWhilePatching)] = "exit request while patching",
        [nameof(StressEvent.OriginDied)] = "link refused: its origin was invalidated",
        [nameof(StressEvent.DestinationDied)] = "link refused: its destination was invalidated",
        [nameof(StressEvent.FlushedWhileExecuting)] = "flush, and the slot handed out again, while its block ran",
        [nameof(StressEvent.InvalidatedWhileExecuting)] = "block invalidated while it ran (a store into itself, or another vCPU's)",
        [nameof(StressEvent.StaleBlockEntered)] = "stale block entered through a jump or a jump cache",
        [nameof(StressEvent.LeftOnRequest)] = "code left on request",
        ["Flushes"] = "flushes",
        ["BlocksTranslated"] = "blocks translated",
    };

    internal static int Run(string[] guests, double seconds, ulong seed, bool json, CancellationToken cancellation)
    {
        string[] names = guests.Length == 0 ? [.. GuestStressCells.Guests] : [.. guests.Distinct()];
        foreach (string name in names)
        {
            _ = ElfLoader.Read(GuestStressCells.Read(name), name); // refused now, not after an hour of others
        }

        var rows = new List<(GuestStressCell Cell, StressResult Result)>();
        using (var process = new StressProcess())
        {
            foreach (GuestStressCell cell in GuestStressCells.Of(names).TakeWhile(_ => !cancellation.IsCancellationRequested))
            {
                StressResult result = process.Run(new StressRequest("", "", seconds, seed, cell));
                rows.Add((cell, result));
                if (!json)
                {
                    Console.WriteLine(Line(cell, result));
                }
            }
        }

        bool sound = rows.All(r => !r.Cell.IsSound || r.Result.Failures == 0);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(rows.Select(r => new { r.Cell.Guest, r.Cell.Strategy, backend = Name(r.Cell), r.Cell.IsSound, r.Result }), Json.Options));
        }
        else
        {
            WriteEvents(rows);
            Console.WriteLine(
                $"{rows.Count(r => r.Cell.IsSound)} runs of sound strategies, {(sound ? "none failed" : "some FAILED")}; racy designs hit: {Hit(rows)}.");
        }

        return cancellation.IsCancellationRequested ? ExitCodes.Interrupted : sound ? ExitCodes.Expected : ExitCodes.Found;
    }

    private static string Line(GuestStressCell cell, StressResult result)
    {
        string outcomes = string.Join("; ", result.Outcomes.OrderByDescending(o => o.Value).Select(o => $"{o.Value}x {Plain.Fit(o.Key, 90)}"));
        string failed = result.Failures == 0 ? "" : $"first in run {result.First}: {outcomes}";
        return $"{Path.GetFileNameWithoutExtension(cell.Guest),-11} {Name(cell),-9} {cell.Strategy,-34} {(cell.IsSound ? "sound" : "racy"),-5} {result.Runs,5} runs  {result.Failures,4} failed  {failed}"
            .TrimEnd();
    }

    private static void WriteEvents(List<(GuestStressCell Cell, StressResult Result)> rows)
    {
        string[] backends = [.. rows.Select(r => Name(r.Cell)).Distinct()];
        Console.WriteLine($"\n{"seen",-72}" + string.Concat(backends.Select(b => $"{b,14}")));
        foreach ((string key, string words) in s_events)
        {
            Console.WriteLine($"{words,-72}" + string.Concat(backends.Select(b => $"{rows.Where(r => Name(r.Cell) == b).Sum(r => r.Result.Events?.GetValueOrDefault(key) ?? 0),14:N0}")));
        }

        Console.WriteLine();
    }

    private static string Hit(List<(GuestStressCell Cell, StressResult Result)> rows)
    {
        string[] hit =
        [
            .. rows.Where(r => !r.Cell.IsSound).GroupBy(r => r.Cell.Strategy)
                .Select(g => $"{g.Key} {g.Sum(r => r.Result.Failures)} of {g.Sum(r => r.Result.Runs)} runs"),
        ];
        return hit.Length == 0 ? "none were run" : string.Join(", ", hit);
    }

    private static string Name(GuestStressCell cell) => RunArguments.NameOf(cell.Backend);
}
