using Verify.Checker.Runtime;

namespace Verify.Checker.Tracing;

/// <summary>Gives what the events are about its number and its name.</summary>
internal sealed class ObjectNames(IReadOnlyList<string> threads)
{
    private readonly Dictionary<(TraceObjectKind Kind, nuint Address), int> _numbers = [];
    private readonly List<(TraceObjectKind Kind, nuint Address)> _objects = [];
    private readonly List<string> _names = []; // as the first site that knows one calls it; empty when none does

    internal static TraceObjectKind? KindOf(OperationKind operation) => operation switch
    {
        OperationKind.VolatileRead or OperationKind.VolatileWrite or OperationKind.Interlocked or OperationKind.PlainRead or OperationKind.PlainWrite
            => TraceObjectKind.Location,
        OperationKind.LockAcquire or OperationKind.LockRelease or OperationKind.LockTry or OperationKind.MonitorWait or OperationKind.MonitorPulse
            => TraceObjectKind.Lock,
        OperationKind.ThreadJoin => TraceObjectKind.Thread,
        OperationKind.ThreadBegin or OperationKind.ThreadStart or OperationKind.Fence or OperationKind.Yield or OperationKind.Choice
            or OperationKind.NativeAlloc or OperationKind.NativeFree => null,
        _ => TraceObjectKind.Synchronization,
    };

    internal int Number(OperationKind operation, nuint address, Site site)
    {
        if (KindOf(operation) is not { } kind || (address == 0 && kind != TraceObjectKind.Thread))
        {
            return -1;
        }

        if (!_numbers.TryGetValue((kind, address), out int number))
        {
            _numbers.Add((kind, address), number = _objects.Count);
            _objects.Add((kind, address));
            _names.Add("");
        }

        if (_names[number].Length == 0)
        {
            _names[number] = site.Location;
        }

        return number;
    }

    internal TraceObject[] All()
    {
        string[] names = [.. _objects.Select((o, i) => Plain(o.Kind, o.Address, _names[i]))];
        var alike = names.CountBy(n => n).ToDictionary(StringComparer.Ordinal);
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var all = new TraceObject[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            int rank = seen[names[i]] = seen.GetValueOrDefault(names[i]) + 1;
            all[i] = new TraceObject(_objects[i].Kind, alike[names[i]] > 1 ? names[i] + "#" + rank : names[i]);
        }

        return all;
    }

    private string Plain(TraceObjectKind kind, nuint address, string name) => kind switch
    {
        TraceObjectKind.Thread => (int)address < threads.Count ? threads[(int)address] : "thread " + address,
        _ when name.Length > 0 => name,
        TraceObjectKind.Lock => "lock",
        TraceObjectKind.Location => "location",
        _ => "object",
    };
}
