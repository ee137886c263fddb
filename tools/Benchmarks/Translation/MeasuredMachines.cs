using Verify.Engine.Backends;
using Verify.Engine.Execution;

namespace Verify.Benchmarks.Translation;

/// <summary>The back ends that are measured, and on how many vCPUs.</summary>
public static class MeasuredMachines
{
    /// <summary>As <c>verify run --backend</c> names them; on a host that cannot run machine code the interpreter alone.</summary>
    public static IEnumerable<string> Backends { get; } = HasMachineCode() ? ["interp", "x64"] : ["interp"];

    /// <summary>Of a class whose loads do not tell strategies apart, or would take long: machine code in full runs only.</summary>
    public static IEnumerable<string> BackendsIfFull => ShortConfig.IsQuick ? ["interp"] : Backends;

    /// <summary>Back end and vCPUs, as <c>x64/2</c>; a quick run has machine code on two vCPUs only.</summary>
    public static IEnumerable<string> All =>
        from backend in Backends
        from cpus in ShortConfig.IsQuick && backend != "interp" ? (int[])[2] : [1, 2, 4]
        select $"{backend}/{cpus}";

    /// <summary>Back end and vCPUs of a member of <see cref="All"/>.</summary>
    public static (BackendKind Backend, int Cpus) Parse(string machine)
    {
        string[] parts = machine.Split('/');
        return (Kind(parts[0]), int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static bool HasMachineCode()
    {
        using Machine machine = GuestRow.Make("exclusive-flush", 1, backend: BackendKind.X64);
        return machine.BackendNotice == null;
    }

    /// <summary>The back end of a name of <see cref="Backends"/>.</summary>
    public static BackendKind Kind(string name) => name == "interp" ? BackendKind.Interpreter : BackendKind.X64;
}
