using Verify.Checker.Exploration;
using Verify.Checker.Runtime;
using Verify.Cli.Workers;

namespace Verify.Cli.Mutants;

/// <summary>
/// Whether a variant stays clean without any defect where one seemed to show: a race that is there anyway, on purpose or not, kills nothing.
/// </summary>
internal sealed class SoundVariants : IDisposable
{
    private readonly object _lock = new();
    private readonly Dictionary<(string Cell, string Memory, ulong Seed), (long Clean, bool Fails)> _known = []; // under _lock
    private readonly WorkerProcess _worker = new(new LoadRequest(0, null)); // under _lock

    /// <summary>Null when interrupted.</summary>
    internal bool? Is(string cell, ExplorationOptions options, CancellationToken cancellation)
    {
        lock (_lock)
        {
            (string, string, ulong) key = (cell, MemoryOptionsText.Format(options.Memory), options.Seed);
            (long clean, bool fails) = _known.GetValueOrDefault(key);
            if (!fails && clean < options.Schedules)
            {
                if (_worker.Run(cell, options, null, cancellation) is not { } result)
                {
                    return null;
                }

                fails = MutationTrial.Killed(result) is not null;
                _known[key] = (options.Schedules, fails);
            }

            return !fails;
        }
    }

    public void Dispose() => _worker.Dispose();
}
