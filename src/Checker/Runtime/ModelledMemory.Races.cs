using Verify.Checker.MemoryModels;
using Verify.Checker.Races;

namespace Verify.Checker.Runtime;

/// <content>Data races as findings.</content>
internal sealed unsafe partial class ModelledMemory
{
    private readonly List<FoundRace> _found = [];
    private string? _only;

    // The first side of a race is past when the race is noticed, so its stack is taken in another execution of the same events.
    private RaceSide? _watched;
    private int _watchedLast;
    private IReadOnlyList<string> _watchedStack = [];

    /// <summary>Of the races in the execution, those reported as they happened, with the number of events before each.</summary>
    internal IReadOnlyList<FoundRace> Found => _found;

    internal readonly record struct FoundRace(RaceReport Report, RacingAccess First, RacingAccess Second, string Message, string Remedy, int Events);

    /// <summary>Makes races that were reported new again; for a replay.</summary>
    /// <param name="expected">If it is a data race, that race ends the execution and no other does: earlier ones were let pass when it was recorded.</param>
    internal void ReportAgain(Failure expected)
    {
        _races?.ForgetReports();
        _only = expected.Kind == FailureKind.DataRace ? expected.Message : null;
    }

    /// <summary>How many accesses were like the side watched for.</summary>
    internal int Watched { get; private set; }

    /// <summary>Counts the accesses that are like this side of a race, and keeps the stack of one of them.</summary>
    /// <param name="side">Thread and site.</param>
    /// <param name="last">Number, from 1, of the one whose stack to keep; 0 for none.</param>
    internal void WatchFor(RaceSide side, int last = 0)
    {
        _watched = side;
        _watchedLast = last;
        _watchedStack = [];
        Watched = 0;
    }

    private void CaptureIfWatched(int thread, int site)
    {
        if (_watched is { } side && side.Site == site && side.Thread == thread && ++Watched == _watchedLast)
        {
            _watchedStack = ProgramStack.Capture();
        }
    }

    private void OnRace(RaceReport report)
    {
        RacingAccess second = Access(report.Second, ProgramStack.Capture());
        RacingAccess first = Access(report.First, _watchedStack);
        string message = Message(report.Class, first, second);
        string remedy = Remedy(report, first.Thread, second.Thread);
        if (_only is not null && _only != message)
        {
            return;
        }

        _found.Add(new FoundRace(report, first, second, message, remedy, _execution.Events));
        if (Options.Races == RaceMode.Fail || _only is not null)
        {
            ControlledThread self = _execution.Threads[report.Second.Thread];
            throw _execution.FailHere(
                self, new Failure(FailureKind.DataRace, message, self.Id, DataRace.Describe(first, second, remedy)));
        }
    }

    private RacingAccess Access(RaceSide side, IReadOnlyList<string> stack)
    {
        string how = (side.Kind & AccessKind.Interlocked) != 0 ? "interlocked"
            : (side.Kind & AccessKind.Volatile) != 0 ? "volatile"
            : (side.Kind & AccessKind.Relaxed) != 0 ? "relaxed"
            : (side.Kind & AccessKind.Piece) != 0 ? "torn plain"
            : "plain";
        return new RacingAccess(_execution.Threads[side.Thread].Name, how + (side.IsWrite ? " write" : " read"), SiteTable.Get(side.Site), stack);
    }

    private static string Message(RaceClass race, RacingAccess first, RacingAccess second)
    {
        string name = race switch
        {
            RaceClass.Torn => "torn data race",
            RaceClass.PlainSpin => "data race in a spin loop that the JIT may hoist",
            RaceClass.PlainVolatile => "race of a plain with a synchronizing access",
            _ => "data race",
        };
        return $"{name}: {first.What} at {first.Site.Place} by {first.Thread} and {second.What} at {second.Site.Place} by {second.Thread}";
    }

    private static string Remedy(RaceReport report, string first, string second) => report.Explanation
        .Replace($"thread {report.First.Thread} ", first + " ", StringComparison.Ordinal)
        .Replace($"thread {report.Second.Thread} ", second + " ", StringComparison.Ordinal);
}
