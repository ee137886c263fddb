using System.Diagnostics;
using System.Globalization;
using Verify.Engine.Dirty;
using Verify.Engine.Rcu;

namespace Verify.Benchmarks.Dirty;

/// <summary>
/// Growth of tracked RAM to 1 TiB, in steps of a DIMM, beside a reader that tests pages without a pause: how long it takes, and the reader's longest gap
/// beside it and alone. Prints Markdown for docs/performance-dirty.md.
/// </summary>
/// <remarks>
/// No BenchmarkDotNet: what matters is the worst moment of a thread, not the mean of a call. A gap is the time between two looks of the reader at the
/// clock, with 64 tests in between. On a shared machine the longest gap is the scheduler's; so the reader alone, watched for as long as the growth
/// took, is measured in the same run, turn by turn, and the minimum over the rounds of either is its figure.
/// </remarks>
internal static class GrowthBesideReader
{
    private const long Before = (256L << 20) / PageRange.PageSize, After = (1L << 40) / PageRange.PageSize, Dimm = (32L << 30) / PageRange.PageSize;

    /// <param name="arguments">The number of rounds; 20 if there is none.</param>
    internal static void Run(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 20;
        Console.WriteLine("| design | growth to 1 TiB in 32 steps, ms | longest step, µs | longest gap beside it, µs | alone, µs | ratio |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        Measure<SymmetricRcu>("rcu-blocks", rounds);
        Measure<AsymmetricRcu>("rcu-blocks-asymmetric", rounds);
    }

    private static void Measure<TRcu>(string name, int rounds)
        where TRcu : struct, IRcuVariant
    {
        TimeSpan growth = TimeSpan.MaxValue, step = TimeSpan.MaxValue, beside = TimeSpan.MaxValue, alone = TimeSpan.MaxValue;
        for (int i = 0; i < rounds; i++)
        {
            using RcuDirtyMemoryBlocks<TRcu, AtomicBits, SharedBlockGrowth> design = new(new DirtyMemoryOptions { Pages = Before });
            TimeSpan took = TimeSpan.Zero, longest = TimeSpan.Zero;
            TimeSpan gap = LongestGap(design, () => (took, longest) = Grow(design));
            TimeSpan quiet = LongestGap(design, () => Spin(took));
            growth = Least(growth, took);
            step = Least(step, longest);
            beside = Least(beside, gap);
            alone = Least(alone, quiet);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {growth.TotalMilliseconds:F2} | {step.TotalMicroseconds:F0} | {beside.TotalMicroseconds:F1} | {alone.TotalMicroseconds:F1} "
            + $"| {beside / alone:F2} |"));
    }

    private static (TimeSpan Took, TimeSpan LongestStep) Grow(IDirtyMemoryDesign design)
    {
        TimeSpan longest = TimeSpan.Zero;
        long start = Stopwatch.GetTimestamp();
        for (long pages = Dimm; pages <= After; pages += Dimm)
        {
            long before = Stopwatch.GetTimestamp();
            design.Extend(pages);
            longest = Most(longest, Stopwatch.GetElapsedTime(before));
        }

        return (Stopwatch.GetElapsedTime(start), longest);
    }

    // As busy as growth, so that the scheduler treats the reader alike.
    private static void Spin(TimeSpan length)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < length)
        {
        }
    }

    private static TimeSpan LongestGap<TRcu>(RcuDirtyMemoryBlocks<TRcu, AtomicBits, SharedBlockGrowth> design, Action beside)
        where TRcu : struct, IRcuVariant
    {
        bool runs = false, stop = false; // Volatile
        TimeSpan longest = TimeSpan.Zero;
        Thread reader = new(() =>
        {
            IDirtyMemory view = design.Attach();
            var blocks = (BitmapView<BlockStore<TRcu>, AtomicBits>)view;
            bool never = false;
            _ = LongestGapOf(blocks, 2000, ref never); // for the JIT
            Volatile.Write(ref runs, true);
            longest = LongestGapOf(blocks, long.MaxValue, ref stop);
            view.Detach();
        });
        reader.Start();
        while (!Volatile.Read(ref runs))
        {
            Thread.Yield();
        }

        beside();
        Volatile.Write(ref stop, true);
        reader.Join();
        return longest;
    }

    private static TimeSpan LongestGapOf<TView>(TView view, long turns, ref bool stop)
        where TView : struct, IDirtyMemory
    {
        long longest = 0, last = Stopwatch.GetTimestamp(), page = 0;
        for (long turn = 0; turn < turns && !Volatile.Read(ref stop); turn++)
        {
            for (int i = 0; i < 64; i++)
            {
                page = (page + 67) % Before;
                _ = view.GetDirty(page, DirtyClient.Migration);
            }

            long now = Stopwatch.GetTimestamp();
            longest = Math.Max(longest, now - last);
            last = now;
        }

        return Stopwatch.GetElapsedTime(0, longest);
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Most(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
