using System.Reflection;
using Verify.Engine.Auditing;
using Verify.Engine.Backends.X64;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;

namespace Verify.Tests.Unit.Backends;

/// <summary>Machines that run machine code.</summary>
internal static class BackendMachine
{
    public static Machine Of(GuestImage image, MachineOptions options, string strategy = "per-cpu-flag")
    {
        Machine machine = InvalidationCatalog.Find(strategy).Create<PlainMemory, NoAudit>(image, options);
        Assert.Null(machine.BackendNotice);
        return machine;
    }

    public static X64Backend BackendOf(Machine machine) =>
        (X64Backend)typeof(Machine).GetProperty("Backend", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(machine)!;
}
