using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Verify.Checker.Runtime;
using Verify.Checker.Shims;
using Verify.Cli.Output;
using Verify.Cli.Subjects;
using Verify.Engine.Backends;
using Verify.Rewriter;
using Verify.Rewriter.Loading;
using Verify.Scenarios;
using Verify.Scenarios.Guests;

namespace Verify.Cli.Stress;

/// <summary>The engine and the scenarios with delays before their synchronization, run on real threads in this process.</summary>
internal sealed partial class StressSubject
{
    /// <summary>vCPUs of a guest.</summary>
    internal const int Cpus = 4;

    private const ulong Golden = 0x9E3779B97F4A7C15;

    private const double LeastPatience = 1, MostPatience = 5; // seconds; then a guest that delays have made slow is stopped

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10); // an execution takes a millisecond or two; some machines are busy

    private readonly Func<string, string, Action> _body;
    private readonly GuestRunner _guest;
    private readonly Dictionary<string, string> _expected = []; // by guest

    // GuestStress.Run of the copy with delays.
    private delegate string GuestRunner(byte[] elf, int cpus, string strategy, int backend, Action<Action> begins, IDictionary<string, long> counts);

    internal StressSubject()
    {
        var program = RewrittenProgram.Load(
            [ScenarioSubject.EnginePath, typeof(ScenarioCatalog).Assembly.Location], new RewriteOptions { OnlyDelays = true });
        Assembly scenarios = program.Assembly(typeof(ScenarioCatalog).Assembly.GetName().Name!);
        _body = scenarios.GetType(typeof(ScenarioCatalog).FullName!)!.GetMethod(nameof(ScenarioCatalog.Body), [typeof(string), typeof(string)])!
            .CreateDelegate<Func<string, string, Action>>();
        _guest = scenarios.GetType(typeof(GuestStress).FullName!)!.GetMethod(nameof(GuestStress.Run))!.CreateDelegate<GuestRunner>();
    }

    /// <summary>Does what is asked.</summary>
    internal StressResult Answer(StressRequest request) => request.Guest is { } guest ? Run(guest, request) : Run(request);

    // A guest again and again; how often a site delays is chosen anew each time, for some are in the interpreter's loop.
    private StressResult Run(GuestStressCell guest, StressRequest request)
    {
        byte[] elf = GuestStressCells.Read(guest.Guest);
        string expected = Expected(guest.Guest, elf);
        var patience = TimeSpan.FromSeconds(Math.Clamp(request.Seconds, LeastPatience, MostPatience));
        var events = new Dictionary<string, long>();
        var tally = new Tally();
        do
        {
            ulong seed = request.Seed + ((ulong)tally.Runs * Golden);
            string? failure = null;
            Action stop = () => { };
            var thread = new Thread(() =>
            {
                ProcessorAffinity.Move(seed >> 32);
                DelayShim.Choose(tally.Runs % 3 == 2 ? 0 : seed | 1, every: 1 << (4 + (int)(seed >> 20) % 3 * 4));
                failure = Attempt(() =>
                {
                    string ending = _guest(elf, Cpus, guest.Strategy, (int)guest.Backend, s => Volatile.Write(ref stop, s), events);
                    return ending == expected || ending == GuestStress.Stopped ? null : $"the guest ended differently: {Plain.OneLine(ending)}";
                });
            })
            { IsBackground = true };
            thread.Start();
            bool ended = thread.Join(patience);
            DelayShim.Choose(0);
            if (!ended)
            {
                Volatile.Read(ref stop)(); // delays may have made it slow: that is no hang
                ended = thread.Join(s_patience);
            }

            tally.Add(ended ? failure : StressResult.Hang);
            if (!ended)
            {
                return tally.Result(stuck: true, events);
            }
        }
        while (tally.Clock.Elapsed.TotalSeconds < request.Seconds);

        return tally.Result(stuck: false, events);
    }

    // What the guest shows without any delay.
    private string Expected(string guest, byte[] elf)
    {
        if (_expected.TryGetValue(guest, out string? known))
        {
            return known;
        }

        DelayShim.Choose(0);
        string? unexpected = Attempt(() =>
        {
            _expected[guest] = _guest(elf, Cpus, "exclusive-flush", (int)BackendKind.Interpreter, _ => { }, new Dictionary<string, long>());
            return null;
        });
        return unexpected is null ? _expected[guest] : throw new InputException($"guest '{guest}' fails without any delay under exclusive-flush: {unexpected}");
    }

    // Null, or what it threw or returned.
    private static string? Attempt(Func<string?> body)
    {
        try
        {
            return body();
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
    }

    /// <summary>Runs a variant again and again; every third time without delays, each time with threads on other processors.</summary>
    private StressResult Run(StressRequest request)
    {
        Action body = _body(request.Scenario, request.Variant);
        var tally = new Tally();
        do
        {
            ulong seed = request.Seed + ((ulong)tally.Runs * Golden);
            string? failure = null;
            var thread = new Thread(() =>
            {
                ProcessorAffinity.Move(seed >> 32);
                DelayShim.Choose(tally.Runs % 3 == 0 ? 0 : seed | 1);
                failure = Attempt(() =>
                {
                    body();
                    return null;
                });
            })
            { IsBackground = true };
            thread.Start();
            bool ended = thread.Join(s_patience);
            tally.Add(ended ? failure : StressResult.Hang);
            if (!ended)
            {
                return tally.Result(stuck: true);
            }
        }
        while (tally.Clock.Elapsed.TotalSeconds < request.Seconds);

        DelayShim.Choose(0);
        return tally.Result(stuck: false);
    }

    // How the runs of one request ended.
    private sealed class Tally
    {
        private readonly Dictionary<string, long> _outcomes = [];
        private long _first;

        internal Stopwatch Clock { get; } = Stopwatch.StartNew();

        internal long Runs { get; private set; }

        internal void Add(string? failure)
        {
            Runs++;
            if (failure is not null)
            {
                string outcome = failure == StressResult.Hang ? failure : Digits().Replace(failure, "#");
                _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
                _first = _first == 0 ? Runs : _first;
            }
        }

        internal StressResult Result(bool stuck, IReadOnlyDictionary<string, long>? events = null) =>
            new(Runs, Clock.Elapsed.TotalSeconds, _outcomes, _first, stuck, events);
    }

    [GeneratedRegex("(0x)?[0-9a-f]*[0-9][0-9a-f]*")]
    private static partial Regex Digits();
}
