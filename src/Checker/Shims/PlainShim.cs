using System.Runtime.CompilerServices;
using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>What accesses without <c>volatile.</c> become: fields, statics, array elements, refs, spans and pointers.</summary>
/// <remarks>
/// They take part in the memory model and in race detection where one is asked for, and are scheduling points only by request
/// (<see cref="MemoryOptions.PlainPoints"/>): an order of two plain accesses that matters is a data race, or is staleness, or is fixed by the
/// synchronization around them. Those of methods that race on purpose always are.
/// </remarks>
public static class PlainShim
{
    /// <summary>An ordinary load.</summary>
    public static T Load<T>(ref T location, int site) =>
        ControlledThread.Current is { } self ? Load(self, ref location, AccessKind.Plain, site) : location;

    /// <summary>An ordinary store.</summary>
    public static void Store<T>(ref T location, T value, int site)
    {
        if (ControlledThread.Current is { } self)
        {
            Store(self, ref location, value, AccessKind.Plain, site);
        }
        else
        {
            location = value;
        }
    }

    /// <summary>A load in a method whose accesses race on purpose.</summary>
    public static T LoadRelaxed<T>(ref T location, int site) =>
        ControlledThread.Current is { } self ? Load(self, ref location, AccessKind.Relaxed, site) : location;

    /// <summary>A store in a method whose accesses race on purpose.</summary>
    public static void StoreRelaxed<T>(ref T location, T value, int site)
    {
        if (ControlledThread.Current is { } self)
        {
            Store(self, ref location, value, AccessKind.Relaxed, site);
        }
        else
        {
            location = value;
        }
    }

    private static T Load<T>(ControlledThread self, ref T location, AccessKind kind, int site)
    {
        Point(self, OperationKind.PlainRead, ref location, kind, site);
        return self.Execution.ActiveMemory is { } memory ? memory.Read(self, in location, kind, site) : location;
    }

    private static void Store<T>(ControlledThread self, ref T location, T value, AccessKind kind, int site)
    {
        Point(self, OperationKind.PlainWrite, ref location, kind, site);
        if (self.Execution.ActiveMemory is { } memory)
        {
            memory.Write(self, ref location, value, kind, site);
        }
        else
        {
            location = value;
        }
    }

    private static unsafe void Point<T>(ControlledThread self, OperationKind operation, ref T location, AccessKind kind, int site)
    {
        if (kind != AccessKind.Relaxed && !self.Execution.PlainPoints)
        {
            return;
        }

        byte* at = (byte*)Unsafe.AsPointer(ref location);
        if (at != null && !self.IsOnOwnStack(at))
        {
            self.Execution.Point(self, operation, (nuint)at, site);
        }
    }
}
