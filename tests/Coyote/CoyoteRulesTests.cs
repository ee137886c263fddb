using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Engine.Threads;

namespace Verify.Tests.Coyote;

/// <summary>
/// What Microsoft Coyote 1.7.11 can neither rewrite nor control is not in what it is given. Each rule was broken once: the first made `coyote rewrite` end with
/// a null reference, the second let every thread of ours run uncontrolled (docs/coyote.md).
/// </summary>
public class CoyoteRulesTests
{
    private static readonly string[] s_uncontrolled =
    [
        "ExecutionContext", "Lock", "ManualResetEventSlim", "Mutex", "ReaderWriterLock", "ReaderWriterLockSlim", "RegisteredWaitHandle", "Semaphore", "SpinLock",
        "SynchronizationContext", "ThreadPool", "Timer",
    ];

    public static TheoryData<string> Assemblies => new(
        typeof(NamedThread).Assembly.Location,
        typeof(Scenarios.Scenario).Assembly.Location,
        typeof(CoyoteEntryPoints.FlushVsLastTb).Assembly.Location);

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_generic_method_of_the_framework_takes_a_pointer_to_its_type_parameter(string assembly) =>
        Assert.Empty(Uses(assembly, (_, called) =>
            called is GenericInstanceMethod generic && generic.ElementMethod.Parameters.Any(p => p.ParameterType is PointerType { ElementType: GenericParameter })));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Threads_are_named_in_one_place_which_leaves_a_name_alone(string assembly) =>
        Assert.Empty(Uses(assembly, (user, called) =>
            called is { DeclaringType.FullName: "System.Threading.Thread", Name: "set_Name" } && user.DeclaringType.FullName != typeof(NamedThread).FullName));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Nothing_is_used_that_Coyote_does_not_control(string assembly) =>
        Assert.Empty(Uses(assembly, (_, called) =>
            called.DeclaringType.Namespace == "System.Threading" && s_uncontrolled.Contains(called.DeclaringType.Name)));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Nothing_asks_whether_a_monitor_is_entered(string assembly) =>
        Assert.Empty(Uses(assembly, (_, called) => called is { DeclaringType.FullName: "System.Threading.Monitor", Name: "IsEntered" }));

    [Fact]
    public void A_thread_is_named_only_after_looking_whether_it_has_a_name()
    {
        string[] calls = Uses(typeof(NamedThread).Assembly.Location, (user, called) =>
            user.DeclaringType.FullName == typeof(NamedThread).FullName && called.DeclaringType.FullName == "System.Threading.Thread" && called.Name.EndsWith("_Name", StringComparison.Ordinal));

        Assert.Collection(
            calls,
            read => Assert.EndsWith("get_Name()", read),
            write => Assert.EndsWith("set_Name(System.String)", write));
        Assert.Equal("ours", NamedThread.Create("ours", () => { }).Name);
    }

    [Fact]
    public void The_rules_see_what_they_forbid()
    {
        string[] seen = Uses(typeof(CoyoteRulesTests).Assembly.Location, (user, called) =>
            user.Name == nameof(Forbidden)
            && (called is GenericInstanceMethod { ElementMethod.Parameters: [{ ParameterType: PointerType { ElementType: GenericParameter } }] }
                || called is { DeclaringType.FullName: "System.Threading.Thread", Name: "set_Name" }));

        Assert.Equal(2, seen.Length);
    }

    private static unsafe void Forbidden(ulong* words)
    {
        System.Runtime.Intrinsics.Vector128.Load(words);
        new Thread(() => { }).Name = "mine";
    }

    // Where an assembly calls what is forbidden, as method -> method.
    private static string[] Uses(string assembly, Func<MethodDefinition, MethodReference, bool> isForbidden)
    {
        using var module = ModuleDefinition.ReadModule(assembly);
        return
        [
            .. from type in module.GetTypes()
               from method in type.Methods
               where method.HasBody
               from instruction in method.Body.Instructions
               where instruction.OpCode.FlowControl == FlowControl.Call || instruction.OpCode == OpCodes.Newobj || instruction.OpCode == OpCodes.Ldftn
               let called = instruction.Operand as MethodReference
               where called is not null && isForbidden(method, called)
               select $"{method.FullName} -> {called.FullName}",
        ];
    }
}
