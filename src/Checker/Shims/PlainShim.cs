using System.Runtime.CompilerServices;
using Verify.Checker.MemoryModels;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>What accesses without <c>volatile.</c> become: fields, statics, array elements, refs, spans and pointers.</summary>
/// <remarks>
/// They take part in the memory model and in race detection where one is asked for, and are scheduling points only by request
/// (<see cref="MemoryOptions.PlainPoints"/>): an order of two plain accesses that matters is a data race, or is staleness, or is fixed by the
/// synchronization around them. Those of methods that race on purpose (<see cref="SiteTraits.Relaxed"/>) always are.
/// </remarks>
public static class PlainShim
{
    /// <summary>An ordinary load.</summary>
    public static T Load<T>(ref T location, int site) =>
        ControlledThread.Current is { } self ? LoadControlled(self, ref location, site) : location;

    /// <summary>An ordinary store.</summary>
    public static void Store<T>(ref T location, T value, int site)
    {
        if (ControlledThread.Current is { } self)
        {
            StoreControlled(self, ref location, value, site);
        }
        else
        {
            location = value;
        }
    }

    private static T LoadControlled<T>(ControlledThread self, ref T location, int site)
    {
        AccessKind kind = Point(self, OperationKind.PlainRead, ref location, site, out bool isEvent);
        T value = self.Execution.ActiveMemory is { } memory ? memory.Read(self, in location, kind, site) : location;
        if (isEvent)
        {
            self.Execution.Watch?.Loaded(value);
        }

        return value;
    }

    private static void StoreControlled<T>(ControlledThread self, ref T location, T value, int site)
    {
        AccessKind kind = Point(self, OperationKind.PlainWrite, ref location, site, out bool isEvent);
        if (isEvent)
        {
            self.Execution.Watch?.Storing(location, value);
        }

        if (self.Execution.ActiveMemory is { } memory)
        {
            memory.Write(self, ref location, value, kind, site);
        }
        else
        {
            location = value;
        }
    }

    private static unsafe AccessKind Point<T>(ControlledThread self, OperationKind operation, ref T location, int site, out bool isEvent)
    {
        isEvent = false;
        AccessKind kind = (SiteTable.Traits(site) & SiteTraits.Relaxed) != 0 ? AccessKind.Relaxed : AccessKind.Plain;
        self.Execution.CheckAlive(self, (nuint)Unsafe.AsPointer(ref location), (nuint)Unsafe.SizeOf<T>(), site);
        if (kind == AccessKind.Relaxed || self.Execution.PlainPoints)
        {
            byte* at = (byte*)Unsafe.AsPointer(ref location);
            if (at != null && !self.IsOnOwnStack(at))
            {
                self.Execution.Point(self, operation, (nuint)at, site);
                isEvent = true;
            }
        }

        return kind;
    }
}
