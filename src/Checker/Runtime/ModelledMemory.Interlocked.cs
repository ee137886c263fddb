using System.Runtime.CompilerServices;
using Verify.Checker.MemoryModels;

namespace Verify.Checker.Runtime;

/// <content>Interlocked operations. Each returns the original value.</content>
internal sealed unsafe partial class ModelledMemory
{
    internal T Exchange<T>(ControlledThread self, ref T location, T value, int site) =>
        Interlock(self, ref location, value, value, site, Operation.Exchange);

    internal T CompareExchange<T>(ControlledThread self, ref T location, T value, T comparand, int site) =>
        Interlock(self, ref location, value, comparand, site, Operation.CompareExchange);

    internal T Add<T>(ControlledThread self, ref T location, T value, int site)
        where T : unmanaged => Interlock(self, ref location, value, value, site, Operation.Add);

    internal T And<T>(ControlledThread self, ref T location, T value, int site)
        where T : unmanaged => Interlock(self, ref location, value, value, site, Operation.And);

    internal T Or<T>(ControlledThread self, ref T location, T value, int site)
        where T : unmanaged => Interlock(self, ref location, value, value, site, Operation.Or);

    private enum Operation
    {
        Exchange,
        CompareExchange,
        Add,
        And,
        Or,
    }

    private T Interlock<T>(ControlledThread self, ref T location, T value, T comparand, int site, Operation operation)
    {
        ref byte first = ref Unsafe.As<T, byte>(ref location);
        _ = Volatile.Read(ref first);
        fixed (byte* at = &first)
        {
            CheckNothingMoved(self);
            Prepare(self, site);
            if (Written is not null)
            {
                NoteWritten((nuint)at, (nuint)Unsafe.SizeOf<T>());
            }

            AccessKind kind = Heap(SiteTable.Traits(site));
            if (!typeof(T).IsValueType)
            {
                ulong number = Perform(
                    self,
                    at,
                    sizeof(nuint),
                    _objects.NumberOf(Unsafe.As<T, object?>(ref value)),
                    _objects.NumberOf(Unsafe.As<T, object?>(ref comparand)),
                    kind | AccessKind.Reference,
                    site,
                    operation);
                object? o = _objects[number];
                return Unsafe.As<object?, T>(ref o);
            }

            ulong old = Perform(self, at, Unsafe.SizeOf<T>(), Bits(value), Bits(comparand), kind, site, operation);
            return Unsafe.As<ulong, T>(ref old);
        }
    }

    private ulong Perform(
        ControlledThread self, byte* at, int size, ulong value, ulong comparand, AccessKind kind, int site, Operation operation) => operation switch
        {
            Operation.Exchange => _machine.Exchange(self.Id, (nuint)at, size, value, kind, site),
            Operation.CompareExchange => _machine.CompareExchange(self.Id, (nuint)at, size, value, comparand, kind, site),
            Operation.Add => _machine.Add(self.Id, (nuint)at, size, value, kind, site),
            Operation.And => _machine.And(self.Id, (nuint)at, size, value, kind, site),
            _ => _machine.Or(self.Id, (nuint)at, size, value, kind, site),
        };
}
