using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Engine.Backends;
using Verify.Engine.Backends.X64;
using Verify.Engine.Execution;
using Verify.Engine.Translation;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Backends;

/// <summary>Who writes code memory: only what is not published yet, and then only the branches that chaining patches.</summary>
public unsafe class CodeMemoryTests
{
    private static readonly ModuleDefinition s_engine = ModuleDefinition.ReadModule(typeof(Machine).Assembly.Location);

    [Fact]
    public void The_writable_view_is_reached_by_one_type_which_hands_it_to_nobody()
    {
        FieldReference view = s_engine.GetType(typeof(CodeMemory).FullName).Fields.Single(f => f.Name == "_writable");

        Assert.Equal(
            [".ctor", "Patch", "ReleaseHandle", "Write"],
            Users(i => i.Operand is FieldReference f && f.FullName == view.FullName).Select(m => m.Name).Order());
        Assert.All(
            Users(i => i.Operand is FieldReference f && f.FullName == view.FullName),
            m => Assert.Equal(typeof(CodeMemory).FullName, m.DeclaringType.FullName));
    }

    [Fact]
    public void Code_is_written_where_it_is_generated_and_patched_where_blocks_are_linked()
    {
        Assert.Equal(["Thunks..ctor", "X64Backend.Generate"], CallersOf("CodeMemory", "Write"));
        Assert.Equal(["NativeCode.SetTarget"], CallersOf("CodeMemory", "Patch"));
        Assert.Equal(["TbCode.SetTarget"], CallersOf("NativeCode", "SetTarget"));
        Assert.Equal(["TbLinker.AddJump", "TbLinker.RemoveOutgoing", "TbLinker.UnlinkIncoming"], CallersOf("TbCode", "SetTarget"));
        Assert.Equal(["X64Backend.TryCreate"], CallersOf("CodeMemory", "TryMap"));
    }

    /// <summary>
    /// After a guest has run, invalidated and relinked, code is what generating it again gives, but for the displacements of the branches.
    /// </summary>
    [Theory]
    [InlineData("fib", BackendKind.X64)]
    [InlineData("crc", BackendKind.X64Flat)]
    [InlineData("smc", BackendKind.X64)]
    [InlineData("vm", BackendKind.X64)]
    public void Nothing_but_the_branches_changes_after_publication(string guest, BackendKind kind)
    {
        using Machine machine = BackendMachine.Of(Guests.Load(guest), new MachineOptions { Backend = kind });
        machine.Run();
        int patched = 0;
        foreach (TbCode code in machine.Tb.Arena.Live().Select(tb => tb.Code))
        {
            NativeCode native = code.Native!;
            byte[] now = new ReadOnlySpan<byte>(native.Memory.At(native.Entry), native.Length).ToArray();
            byte[] fresh = BackendMachine.BackendOf(machine).GenerateAgain(code);
            Assert.Equal(fresh.Length, now.Length);
            foreach (int branch in new[] { native.Branches.Exit0, native.Branches.Exit1 }.Where(b => b != 0))
            {
                Assert.Equal(0, (native.Entry + branch) % 4);
                patched += now.AsSpan(branch, 4).SequenceEqual(fresh.AsSpan(branch, 4)) ? 0 : 1;
                now.AsSpan(branch, 4).Clear();
                fresh.AsSpan(branch, 4).Clear();
            }

            Assert.Equal(fresh, now);
        }

        Assert.True(patched > 3, $"only {patched} branches are linked");
    }

    [Fact]
    public void No_view_of_code_is_both_writable_and_executable()
    {
        using CodeMemory memory = CodeMemory.TryMap(1 << 20, out _)!;
        string[] views = [.. File.ReadLines("/proc/self/maps").Where(line => line.Contains("tcg-code"))];

        Assert.Contains(views, line => line.Contains(" r-xs "));
        Assert.Contains(views, line => line.Contains(" rw-s "));
        Assert.DoesNotContain(views, line => line.Contains("wx"));
    }

    [Fact]
    public void A_patch_is_aligned_and_inside()
    {
        using CodeMemory memory = CodeMemory.TryMap(4096, out _)!;
        memory.Patch(8, 0x12345678);

        Assert.Equal(0x12345678, *(int*)memory.At(8));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Patch(6, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Patch(4096, 0));
    }

    [Fact]
    public void A_host_that_refuses_says_why()
    {
        Assert.Null(CodeMemory.TryMap(-1 << 30, out string refusal));
        Assert.StartsWith("no ", refusal);
    }

    private static IEnumerable<MethodDefinition> Users(Func<Instruction, bool> uses) =>
        s_engine.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody && m.Body.Instructions.Any(uses));

    private static IEnumerable<string> CallersOf(string type, string method) =>
        Users(i => i.Operand is MethodReference m && m.Name == method && m.DeclaringType.Name == type)
            .Select(m => $"{m.DeclaringType.Name}.{m.Name}").Order(StringComparer.Ordinal);
}
