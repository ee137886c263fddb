using Verify.Checker.Races;
using Verify.Checker.Replay;
using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Collects the data races of an exploration: a schedule for each, and, by replaying it, the stack of the side that came first.</summary>
internal sealed class RaceRecorder(ControlledRun run, Action body, ExplorationOptions options) : IDisposable
{
    private const int MostSchedules = 64; // replays; what more a program has is reported without the first side's stack

    private readonly List<DataRace> _races = [];
    private readonly HashSet<string> _messages = [];

    private ControlledRun? _replays; // apart, so that the exploration's own detector still knows what it has reported

    internal IReadOnlyList<DataRace> Races => _races;

    /// <summary>Takes the races of the execution that has just ended.</summary>
    internal void Take(Execution execution, long number)
    {
        if (run.Memory is not { Found.Count: > 0 } memory)
        {
            return;
        }

        var found = new List<(ModelledMemory.FoundRace Race, Schedule Schedule)>();
        foreach (ModelledMemory.FoundRace race in memory.Found)
        {
            // The detector tells sites of two runs of one method apart; people do not.
            if (_messages.Add(race.Message))
            {
                var failure = new Failure(
                    FailureKind.DataRace, race.Message, race.Report.Second.Thread, DataRace.Describe(race.First, race.Second, race.Remedy));
                found.Add((race, Schedule.Capture(run.Log.Steps[..race.Events], execution, options, number, failure)));
            }
        }

        foreach ((ModelledMemory.FoundRace race, Schedule schedule) in found)
        {
            _races.Add(_races.Count < MostSchedules ? WithBothStacks(race, schedule) : Make(race, schedule));
        }
    }

    public void Dispose() => _replays?.Dispose();

    private DataRace WithBothStacks(ModelledMemory.FoundRace race, Schedule schedule)
    {
        // One replay counts the accesses that look like the first side, the next takes the stack of the last of them.
        _replays ??= new ControlledRun(memory: options.Memory);
        _replays.Memory!.WatchFor(race.Report.First);
        Replayer.Replay(_replays, body, schedule);
        _replays.Memory.WatchFor(race.Report.First, _replays.Memory.Watched);
        Replayer.Replay(_replays, body, schedule);
        ModelledMemory.FoundRace again = _replays.Memory.Found.FirstOrDefault(f => f.Message == race.Message);
        return again.Report is null
            ? Make(race, schedule)
            : Make(again, schedule with { Failure = schedule.Failure with { Details = DataRace.Describe(again.First, again.Second, again.Remedy) } });
    }

    private static DataRace Make(ModelledMemory.FoundRace race, Schedule schedule) =>
        new(race.Report.Class, race.First, race.Second, race.Report.Missing, race.Message, race.Remedy, schedule);
}
