using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Engine.Backends;

/// <summary>What became of an attempt to generate code.</summary>
internal enum Generated
{
    Done,

    /// <summary>No code memory is left: only a flush, or the end of a grace period, helps.</summary>
    NoRoom,

    /// <summary>The block is longer than any place for it; a shorter one may fit.</summary>
    TooLong,
}

/// <summary>A back end that generates code. A machine without one interprets the operations of its blocks.</summary>
/// <remarks>
/// What vCPUs do to shared structures is the same either way, and the same methods: <see cref="TbLinker"/>, <see cref="TbJumpCache"/>,
/// <see cref="CodeArena"/>. A back end only says where the code of a block is, what a branch to it looks like, and runs it.
/// </remarks>
internal interface IBackend : IDisposable
{
    /// <summary>Prepares a vCPU before anybody can run or see it.</summary>
    void Attach(Machine machine, VCpu cpu);

    /// <summary>Generates the code of a block that is constructed but not published. By the thread that translates for the vCPU.</summary>
    Generated Generate(VCpu cpu, TbCode code);

    /// <summary>Runs a chain of blocks, as the interpreter does.</summary>
    /// <param name="exit">Exit 0 or 1 of the returned block, not linked yet; or <see cref="Machine.NoExit"/>.</param>
    /// <returns>The block that ran last.</returns>
    TbCode Run(Machine machine, VCpu cpu, TbCode code, out int exit);
}
