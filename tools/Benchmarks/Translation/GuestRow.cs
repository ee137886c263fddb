using Verify.Engine.Auditing;
using Verify.Engine.Backends;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Benchmarks.Translation;

/// <summary>A guest of many small blocks in a row, each four instructions: three additions and a jump to the next.</summary>
internal static class GuestRow
{
    internal const int BytesPerBlock = 16;

    private const ulong Start = 0x8000_0000;
    private const uint AddOne = 0x00150513, JumpNext = 0x0040006f, Exit = 0x05d00893, Ecall = 0x00000073; // addi a0, a0, 1; j .+4; li a7, 93

    internal static Machine Make(string strategy, int blocks, int cpus = 1, BackendKind backend = BackendKind.Interpreter)
    {
        uint[] words =
        [
            .. Enumerable.Range(0, blocks).SelectMany(_ => new[] { AddOne, AddOne, AddOne, JumpNext }), Exit, Ecall,
        ];
        byte[] bytes = [.. words.SelectMany(BitConverter.GetBytes)];
        GuestImage image = new("row", Start, null, null, [new GuestSegment(Start, bytes, (ulong)bytes.Length)]);
        MachineOptions options = new()
        {
            Cpus = cpus,
            Backend = backend,
            RamSize = (bytes.Length + GuestRam.PageSize - 1) / GuestRam.PageSize * GuestRam.PageSize,
            TbCapacity = Math.Max(16, blocks + 16),
        };
        return InvalidationCatalog.Find(strategy).Create<PlainMemory, NoAudit>(image, options);
    }

    internal static ulong Pc(int block) => Start + (ulong)(BytesPerBlock * block);
}
