using FsCheck;
using FsCheck.Fluent;
using Verify.Engine.Dirty;

namespace Verify.Tests.Unit.Dirty;

public class PteDirtyScanTests
{
    private const int LfbPages = 6, Base = 4, Alias = 20, Other = 99;

    [Fact]
    public void A_write_is_reported_once_and_reads_are_not()
    {
        Screen<DeeganRules> screen = new();
        screen.Redraw();
        screen.Tlbs[0].GuestRead(Base + 1, out _);
        Assert.True(screen.Tlbs[0].GuestWrite(Base + 2, 7));

        Assert.Equal(0b100UL, screen.Scan());
        Assert.Equal(0UL, screen.Scan());
    }

    [Fact]
    public void DM19_A_second_write_after_a_scan_is_reported_again() => Assert.Equal(0b100UL, WriteScanWriteScan<DeeganRules>());

    [Fact]
    public void DM19_Without_the_flush_it_is_not() => Assert.Equal(0UL, WriteScanWriteScan<NoFlush>());

    [Fact]
    public void A_second_writable_mapping_takes_the_slow_path_until_it_is_gone()
    {
        Screen<DeeganRules> screen = new();
        screen.Redraw();
        screen.Scanner.SetL1e(Alias, Pte.Map(screen.Frames[3], writable: true));
        screen.Tlbs[0].GuestWrite(Alias, 9);
        Assert.Null(screen.Scan());
        screen.Scanner.ClearL1e(Alias);
        Assert.Equal(0b1000UL, screen.Scan());
    }

    [Fact]
    public void An_alias_takes_the_slow_path_also_when_it_is_the_only_writable_mapping()
    {
        Screen<DeeganRules> screen = new();
        screen.Scanner.SetL1e(Base + 3, Pte.Map(screen.Frames[3], writable: false));
        screen.Scanner.SetL1e(Alias, Pte.Map(screen.Frames[3], writable: true));
        screen.Redraw();
        screen.Tlbs[0].GuestWrite(Alias, 9);
        Assert.Null(screen.Scan());
    }

    [Fact]
    public void A_mapping_recycled_between_scans_reports_its_page()
    {
        Screen<DeeganRules> screen = new();
        screen.Redraw();
        screen.Tlbs[0].GuestWrite(Base + 5, 1);
        screen.Scanner.ClearL1e(Base + 5);      // takes its D-bit along
        Assert.Null(screen.Scan());             // nothing mapped there: back off
        screen.Scanner.SetL1e(Base + 5, Pte.Map(screen.Frames[5], writable: true));
        Assert.Equal(1UL << 5, screen.Scan());
    }

    [Fact]
    public void What_was_found_before_backing_off_is_reported_later()
    {
        Screen<DeeganRules> screen = new();
        screen.Redraw();
        screen.Tlbs[1].GuestWrite(Base, 1);
        screen.Scanner.SetL1e(Base + 3, Pte.Map(Other, writable: true));  // points elsewhere
        Assert.Null(screen.Scan());
        screen.Scanner.SetL1e(Base + 3, Pte.Map(screen.Frames[3], writable: true));
        Assert.Equal(0b1001UL, screen.Scan());
    }

    [Fact]
    public void A_directory_that_forbids_writes_and_an_unknown_address_take_the_slow_path()
    {
        Screen<DeeganRules> screen = new(learn: false);
        Assert.Null(screen.Scan());
        screen.Scanner.LearnLfbVa(Base + 1, screen.Frames[1]);  // not the first frame: teaches nothing
        Assert.Null(screen.Scan());
        screen.Scanner.LearnLfbVa(Base, screen.Frames[0]);
        Assert.NotNull(screen.Scan());
        screen.Table.Block(Base, true);
        Assert.Null(screen.Scan());
        Assert.False(screen.Tlbs[0].GuestWrite(Base, 1));
    }

    [Fact]
    public void Every_sequence_of_writes_scans_and_mappings_ends_with_an_exact_copy() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(byte Kind, byte A, byte B)[]>(), ops =>
        {
            Screen<DeeganRules> screen = new();
            long value = 1;
            foreach ((byte kind, byte a, byte b) in ops)
            {
                int page = a % LfbPages, cpu = b % 2;
                switch (kind % 9)
                {
                    case 0 or 1 or 2:
                        screen.Tlbs[cpu].GuestWrite(Base + page, value++);
                        break;
                    case 3:
                        screen.Tlbs[cpu].GuestWrite(Alias, value++);
                        break;
                    case 4:
                        screen.Tlbs[cpu].GuestRead(Base + page, out _);
                        break;
                    case 5:
                        screen.Scanner.SetL1e(Alias, b % 3 == 0 ? default : Pte.Map(screen.Frames[page], b % 3 == 1));
                        break;
                    case 6:
                        screen.Scanner.SetL1e(Base + page, b % 4 == 0 ? default : Pte.Map(b % 4 == 1 ? Other : screen.Frames[page], b % 4 != 2));
                        break;
                    default:
                        screen.Redraw();
                        break;
                }
            }
            screen.Redraw();
            Assert.Equal(screen.Pixels, screen.Copy);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithEndSize(200));

    [Fact]
    public void Writes_of_real_threads_beside_scans_end_with_an_exact_copy()
    {
        Screen<DeeganRules> screen = new();
        int running = 2;
        Thread[] vcpus = [.. Enumerable.Range(0, 2).Select(v => new Thread(() =>
        {
            for (int i = 0; i < 50_000; i++)
                screen.Tlbs[v].GuestWrite(Base + (i * 5 + v) % LfbPages, v << 20 | i);
            Interlocked.Decrement(ref running);
        }))];
        Array.ForEach(vcpus, t => t.Start());
        while (Volatile.Read(ref running) != 0)
            screen.Redraw();
        Array.ForEach(vcpus, t => t.Join());
        screen.Redraw();

        Assert.Equal(screen.Pixels, screen.Copy);
    }

    private static ulong? WriteScanWriteScan<TRules>()
        where TRules : struct, IPteScanRules
    {
        Screen<TRules> screen = new();
        screen.Redraw();
        screen.Tlbs[0].GuestWrite(Base + 2, 1);
        screen.Scan();
        screen.Tlbs[0].GuestWrite(Base + 2, 2);
        return screen.Scan();
    }

    /// <summary>A frame buffer on scattered frames, two vCPUs, a display that copies what a scan reports, or everything.</summary>
    private sealed class Screen<TRules>
        where TRules : struct, IPteScanRules
    {
        private readonly long[] _memory = new long[128];

        public Screen(bool learn = true)
        {
            Frames = [.. Enumerable.Range(0, LfbPages).Select(i => 90L - 7 * i)];
            Tlbs = [new PteTlb(Table, _memory), new PteTlb(Table, _memory)];
            Scanner = new PteDirtyScan<TRules>(Table, Tlbs, Frames);
            for (int i = 0; i < LfbPages; i++)
                Scanner.SetL1e(Base + i, Pte.Map(Frames[i], writable: true));
            if (learn)
                Scanner.LearnLfbVa(Base, Frames[0]);
        }

        public PteTable Table { get; } = new(64);

        public long[] Frames { get; }

        public PteTlb[] Tlbs { get; }

        public PteDirtyScan<TRules> Scanner { get; }

        public long[] Copy { get; } = new long[LfbPages];

        public long[] Pixels => [.. Frames.Select(f => Volatile.Read(ref _memory[f]))];

        /// <summary>The bitmap, or null for the slow path.</summary>
        public ulong? Scan()
        {
            ulong[] bitmap = new ulong[1];
            return Scanner.GetLfbDirty(bitmap) == LfbScan.Ok ? bitmap[0] : null;
        }

        public void Redraw()
        {
            ulong dirty = Scan() ?? ~0UL;  // the memcmp fallback looks at everything
            for (int i = 0; i < LfbPages; i++)
            {
                if ((dirty >> i & 1) != 0)
                    Copy[i] = Volatile.Read(ref _memory[Frames[i]]);
            }
        }
    }

    /// <summary>Wrong on purpose: D is cleared and the TLBs keep their entries.</summary>
    private readonly struct NoFlush : IPteScanRules
    {
        public ulong ClearDirty(ref ulong entry) => Interlocked.And(ref entry, ~Pte.Dirty);

        public void FlushAfterClear(ReadOnlySpan<PteTlb> tlbs)
        {
        }

        public bool Allows(int otherWritableMappings) => otherWritableMappings == 0;

        public bool MarksOnChange => true;
    }
}
