using System.Diagnostics;
using System.Security.Cryptography;
using Verify.Cli.Verbs;
using Verify.Engine.Backends;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Cli.Guests;

/// <summary>One execution of a guest program on real threads: how it was run and what became of it.</summary>
/// <remarks>
/// RamDigest is the SHA-256 of guest RAM when all vCPUs had ended, in lower-case hexadecimal, or null if it was not asked for; Seconds are from the
/// start of loading to the end of the last vCPU.
/// </remarks>
internal sealed record GuestOutcome(
    string File, int Cpus, InvalidationEntry Strategy, string Backend, GuestResult Result, string? RamDigest, double Seconds)
{
    /// <summary>Everything the guest can show but its console: the same for every strategy that is right.</summary>
    internal string Ending => Result.Fault?.ToString() ?? (Result.ExitCode is { } code ? $"exit {code}" : "no exit");

    /// <summary>Runs a guest; to digest RAM takes reading all of it at the end.</summary>
    internal static GuestOutcome Of(
        string file, int cpus, InvalidationEntry strategy, MachineOptions options, TextWriter console, bool digest, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        double seconds = 0;
        string? ram = null;
        GuestResult result = GuestRun.Execute(
            ElfLoader.ReadFile(file), cpus, strategy, options, console, cancellation, machine =>
            {
                seconds = clock.Elapsed.TotalSeconds;
                ram = digest ? Digest(machine.Ram) : null;
            });
        return new GuestOutcome(file, cpus, strategy, RunArguments.NameOf(result.BackendNotice == null ? options.Backend : BackendKind.Interpreter), result, ram, seconds);
    }

    private static string Digest(GuestRam ram)
    {
        const int Piece = 1 << 20;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (ulong at = 0; at < ram.Size; at += Piece)
        {
            hash.AppendData(ram.Slice(ram.Start + at, (int)Math.Min(Piece, ram.Size - at)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
