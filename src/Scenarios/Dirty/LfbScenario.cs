using Verify.Engine.Dirty;

namespace Verify.Scenarios.Dirty;

/// <summary>A guest with a frame buffer of one page, mapped at virtual page 0, and a device model that shows it.</summary>
/// <remarks>Invariant of every scenario with it: after a last scan, what is shown is what is in the frame.</remarks>
public abstract class LfbScenario(params ScenarioCase[] cases) : CaseScenario(cases)
{
    /// <summary>What the message of every violation contains.</summary>
    protected const string Stale = "is not in the last picture";

    /// <summary>The machine of one run.</summary>
    protected sealed class Guest<TRules>
        where TRules : struct, IPteScanRules
    {
        private readonly long[] _frames = new long[1]; // Volatile
        private long _shown;                           // one scanner at a time

        public Guest(int vcpus)
        {
            var table = new PteTable(2);
            Tlbs = [.. Enumerable.Range(0, vcpus).Select(_ => new PteTlb(table, _frames))];
            Scan = new PteDirtyScan<TRules>(table, Tlbs, [0]);
            Scan.SetL1e(0, Pte.Map(0, writable: true));
            Scan.LearnLfbVa(0, 0);
            Show();
        }

        /// <summary>By vCPU.</summary>
        public PteTlb[] Tlbs { get; }

        public PteDirtyScan<TRules> Scan { get; }

        /// <summary>Scans, and copies the frame if the scan tells to or cannot tell.</summary>
        /// <param name="readFirst">Reads the pixels before the scan, not after.</param>
        public void Show(bool readFirst = false)
        {
            ulong[] dirty = new ulong[1];
            long early = readFirst ? Volatile.Read(ref _frames[0]) : 0;
            if (Scan.GetLfbDirty(dirty) == LfbScan.SlowPath || dirty[0] != 0)
            {
                _shown = readFirst ? early : Volatile.Read(ref _frames[0]);
            }
        }

        /// <summary>Scans for the last time.</summary>
        public void CheckShown()
        {
            Show();
            Check(_shown == _frames[0], $"the store of {_frames[0]} {Stale}, which has {_shown}");
        }
    }
}
