using Verify.Checker.MemoryModels;
using Verify.Checker.Tracing;

namespace Verify.Checker.Runtime;

/// <content>Which cache lines are written; see <see cref="WrittenLines"/>.</content>
internal sealed unsafe partial class ModelledMemory
{
    /// <summary>Bytes have been, or are about to be, written. Only while <see cref="Written"/> is set.</summary>
    internal void NoteWritten(nuint at, nuint size)
    {
        if (!_execution.IsInBlock(at, out nuint start))
        {
            ulong number = _extents.Find(at);
            if (number == 0)
            {
                return; // of an object that only its maker knows
            }

            start = HeaderOf(_objects[number]!);
        }

        for (nuint line = (at - start) / WrittenLines.Bytes; line <= (at + size - 1 - start) / WrittenLines.Bytes; line++)
        {
            Written!.Add((start, line));
        }
    }

    /// <summary>A lock is kept in its object's header.</summary>
    internal void NoteLocked(object o) => Written?.Add((HeaderOf(o), 0));

    private static nuint HeaderOf(object o) => ObjectTable.AddressOf(o) - (nuint)sizeof(nuint);
}
