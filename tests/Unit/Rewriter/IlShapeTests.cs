using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.Runtime;
using Verify.Tests.Unit.Rewriter.Shims;

namespace Verify.Tests.Unit.Rewriter;

/// <summary>Instructions that C# does not emit, or not in this form, written by hand into a method that C# compiled.</summary>
public class IlShapeTests
{
    private const string Source =
        """
        struct Pair { public int a, b; }
        class C
        {
            static int s;
            static int Tail(ref int x) => Interlocked.Increment(ref x);
            static int Indirect(ref int x) => x;
            static T Generic<T>(ref T x) => x;
            static void Copy(ref Pair to, ref Pair from) => to = from;
            static void StoreRef(ref string x, string v) => x = v;
            static void Jump(object o) => Monitor.Exit(o);
            static void Block(ref int x) => x = 0;
            static int Dead() => 1;
        }
        """;

    private static Rewritten Edit(string method, Action<ILProcessor, MethodDefinition> edit, bool plain = false)
    {
        Snippet snippet = Snippet.Compile(Source, symbols: null);
        using var stream = new MemoryStream();
        using (var module = ModuleDefinition.ReadModule(new MemoryStream(snippet.Pe)))
        {
            MethodDefinition target = module.GetType("C").Methods.Single(m => m.Name == method);
            edit(target.Body.GetILProcessor(), target);
            module.Write(stream);
        }

        return Rewritten.Of(new Snippet(stream.ToArray(), null), Rewritten.TestOptions with { PlainAccesses = plain });
    }

    private static void Prefix(ILProcessor il, Code at, params OpCode[] prefixes)
    {
        Instruction target = il.Body.Instructions.Single(i => i.OpCode.Code == at);
        foreach (OpCode prefix in prefixes)
        {
            il.InsertBefore(target, prefix == OpCodes.Unaligned ? il.Create(prefix, (byte)1) : il.Create(prefix));
        }
    }

    private static (object? Result, string[] Operations, object?[] Arguments) Run(Rewritten program, string method, params object?[] arguments)
    {
        (object? result, IReadOnlyList<Site> sites) = program.Run(method, "C", arguments);
        return (result, [.. sites.Select(s => s.Operation)], arguments);
    }

    [Fact]
    public void A_tail_call_becomes_an_ordinary_call_of_the_shim()
    {
        Rewritten program = Edit("Tail", (il, _) => Prefix(il, Code.Call, OpCodes.Tail));

        (object? result, string[] operations, object?[] arguments) = Run(program, "Tail", 4);

        Assert.Equal((5, 5), (result, arguments[0]));
        Assert.Equal(["Interlocked.Increment"], operations);
    }

    [Fact]
    public void A_tail_call_of_the_program_keeps_its_prefix()
    {
        Rewritten program = Edit("Tail", (il, m) =>
        {
            il.Body.Instructions.Single(i => i.OpCode.Code == Code.Call).Operand = m.DeclaringType.Methods.Single(n => n.Name == "Indirect");
            Prefix(il, Code.Call, OpCodes.Tail);
        });

        Assert.Equal(4, Run(program, "Tail", 4).Result);
        Assert.Contains("tail.", IlText.Of(program.Image.Pe, "C"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_indirect_volatile_load_is_seen_with_and_without_another_prefix(bool unaligned)
    {
        Rewritten program = Edit(
            "Indirect", (il, _) => Prefix(il, Code.Ldind_I4, unaligned ? [OpCodes.Unaligned, OpCodes.Volatile] : [OpCodes.Volatile]));

        (object? result, string[] operations, _) = Run(program, "Indirect", 7);

        Assert.Equal(7, result);
        Assert.Equal(["volatile load (int)"], operations);
    }

    [Fact]
    public void A_volatile_load_of_a_type_parameter_is_seen()
    {
        Rewritten program = Edit("Generic", (il, _) => Prefix(il, Code.Ldobj, OpCodes.Volatile));

        Assert.Contains(program.Result.Sites, s => s is { Operation: "volatile load (T)", Method: "C.Generic<T>(T&)" });
        IlGate.AssertJits(program.Assembly);
    }

    [Fact]
    public void A_volatile_store_of_a_reference_is_seen_with_its_type()
    {
        Rewritten program = Edit("StoreRef", (il, _) => Prefix(il, Code.Stind_Ref, OpCodes.Volatile));

        (_, string[] operations, object?[] arguments) = Run(program, "StoreRef", "old", "new");

        Assert.Equal("new", arguments[0]);
        Assert.Equal(["volatile store (string)"], operations);
    }

    [Fact]
    public void A_whole_copy_is_a_load_and_a_store()
    {
        Rewritten program = Edit(
            "Copy",
            (il, m) =>
            {
                il.Body.Instructions.Clear();
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Cpobj, m.Module.GetType("Pair"));
                il.Emit(OpCodes.Ret);
            },
            plain: true);
        Type pair = program.Assembly.GetType("Pair")!;
        object from = Activator.CreateInstance(pair)!;
        pair.GetField("b")!.SetValue(from, 9);

        (_, string[] operations, object?[] arguments) = Run(program, "Copy", Activator.CreateInstance(pair), from);

        Assert.Equal(9, pair.GetField("b")!.GetValue(arguments[0]));
        Assert.Equal(["load (Pair)", "store (Pair)"], operations);
    }

    [Fact]
    public void A_jump_to_a_shimmed_member_is_refused()
    {
        Rewritten program = Edit("Jump", (il, _) =>
        {
            var exit = (MethodReference)il.Body.Instructions.Single(i => i.OpCode.Code == Code.Call).Operand;
            il.Body.Instructions.Clear();
            il.Emit(OpCodes.Jmp, exit);
        });

        Assert.Contains("jmp are out of the rewriter's sight", Assert.Single(program.Result.Refused).Reason, StringComparison.Ordinal);
        Assert.Throws<ReachedException>(() => Run(program, "Jump", new object()));
    }

    [Fact]
    public void A_volatile_block_access_is_refused()
    {
        Rewritten program = Edit("Block", (il, _) =>
        {
            il.Body.Instructions.Clear();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4_0);
            il.Emit(OpCodes.Ldc_I4_4);
            il.Emit(OpCodes.Volatile);
            il.Emit(OpCodes.Initblk);
            il.Emit(OpCodes.Ret);
        });

        Assert.Equal("volatile initblk", Assert.Single(program.Result.Refused).Member);
        Assert.Throws<ReachedException>(() => Run(program, "Block", 1));
    }

    [Fact]
    public void A_token_of_a_shimmed_member_is_refused()
    {
        Rewritten program = Rewritten.Source(
            "class C { static System.Linq.Expressions.Expression<Action<object>> M() => o => Monitor.Exit(o); }");

        Assert.Contains(program.Result.Refused, r => r.Member == "System.Threading.Monitor.Exit");
    }

    [Fact]
    public void Code_that_is_never_reached_does_no_harm()
    {
        Rewritten program = Edit(
            "Dead",
            (il, m) =>
            {
                il.Emit(OpCodes.Ldarg_0);
                il.Body.Instructions.RemoveAt(il.Body.Instructions.Count - 1);
                il.Emit(OpCodes.Ldsfld, m.DeclaringType.Fields[0]);
                il.Emit(OpCodes.Ret);
            },
            plain: true);

        Assert.Equal(1, Run(program, "Dead").Result);
    }
}
