using Verify.Engine.Backends;
using Verify.Engine.Execution;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Guests;

/// <summary>Guests by strategies, back ends and numbers of vCPUs, and whether a guest can tell which of them it ran under.</summary>
/// <remarks>
/// A row is a guest on a number of vCPUs by one back end; the first row of a guest and number is what the others are compared with. On one vCPU
/// all depends on the guest alone, its time too, so RAM is compared to the last byte. On several
/// vCPUs a guest may leave traces of the interleaving in RAM (what an interrupt found in the registers, say): there RAM is told, not judged.
/// </remarks>
internal sealed class GuestMatrix
{
    private readonly List<Cell> _cells = [];

    /// <summary>One execution, and what the guest printed.</summary>
    internal sealed record Cell(GuestOutcome Outcome, string Console);

    /// <summary>A row: whether one of its strategies, or its back end, changed the result, and whether it changed a byte of RAM.</summary>
    internal sealed record Row(string File, int Cpus, string Backend, IReadOnlyList<Cell> Cells, bool Same, bool SameRam)
    {
        internal Cell First => Cells[0];

        /// <summary>What the row must show is shown.</summary>
        internal bool Holds => Same && (SameRam || Cpus > 1);
    }

    internal IReadOnlyList<Row> Rows =>
        [.. _cells.GroupBy(c => (c.Outcome.File, c.Outcome.Cpus, c.Outcome.Backend), (key, cells) => MakeRow(key.File, key.Cpus, key.Backend, [.. cells]))];

    internal bool Holds => Rows.All(r => r.Holds);

    /// <summary>Runs everything, one execution after the other, until cancelled; <paramref name="ran"/> is told of each.</summary>
    internal static GuestMatrix Execute(
        IReadOnlyList<string> files,
        IReadOnlyList<int> cpus,
        IReadOnlyList<InvalidationEntry> strategies,
        IReadOnlyList<BackendKind> backends,
        MachineOptions options,
        Action<GuestOutcome> ran,
        CancellationToken cancellation)
    {
        GuestMatrix matrix = new();
        foreach ((string file, int count, BackendKind backend, InvalidationEntry strategy) in
                 from file in files from count in cpus from backend in backends from strategy in strategies select (file, count, backend, strategy))
        {
            StringWriter console = new();
            GuestOutcome outcome = GuestOutcome.Of(file, count, strategy, options with { Backend = backend }, console, digest: true, cancellation);
            if (cancellation.IsCancellationRequested)
            {
                break; // it was stopped half-way
            }

            matrix.Add(outcome, console.ToString());
            ran(outcome);
        }

        return matrix;
    }

    internal void Add(GuestOutcome outcome, string console) => _cells.Add(new Cell(outcome, console));

    private Row MakeRow(string file, int cpus, string backend, Cell[] cells)
    {
        Cell reference = _cells.First(c => (c.Outcome.File, c.Outcome.Cpus) == (file, cpus));
        return new(
            file,
            cpus,
            backend,
            cells,
            cells.All(c => (c.Outcome.Ending, c.Console) == (reference.Outcome.Ending, reference.Console)),
            cells.All(c => c.Outcome.RamDigest == reference.Outcome.RamDigest));
    }
}
