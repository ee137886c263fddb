using System.Reflection;
using Mono.Cecil;
using Verify.Checker.MemoryModels.Litmus;

namespace Verify.Rewriter.Litmus;

/// <summary>The framework's and the checker's members that compiled litmus tests call, imported into one module.</summary>
internal sealed class LitmusMembers(ModuleDefinition module)
{
    internal TypeReference Void { get; } = module.TypeSystem.Void;

    internal TypeReference Object { get; } = module.TypeSystem.Object;

    internal TypeReference Int64 { get; } = module.TypeSystem.Int64;

    internal TypeReference Cell { get; } = module.ImportReference(typeof(LitmusCell));

    internal TypeReference Run { get; } = module.ImportReference(typeof(LitmusRun));

    internal FieldReference Value { get; } = module.ImportReference(typeof(LitmusCell).GetField(nameof(LitmusCell.Value)));

    internal FieldReference Link { get; } = module.ImportReference(typeof(LitmusCell).GetField(nameof(LitmusCell.Link)));

    internal MethodReference Claim { get; } = Of<LitmusRun>(module, nameof(LitmusRun.Claim));

    internal MethodReference CellOf { get; } = Of<LitmusRun>(module, nameof(LitmusRun.Cell));

    internal MethodReference Number { get; } = Of<LitmusRun>(module, nameof(LitmusRun.Number));

    internal MethodReference IsReference { get; } = Of<LitmusRun>(module, nameof(LitmusRun.IsReference));

    internal MethodReference Lock { get; } = Of<LitmusRun>(module, nameof(LitmusRun.Lock));

    internal MethodReference SetThread { get; } = Of<LitmusRun>(module, nameof(LitmusRun.SetThread));

    internal MethodReference Thread { get; } = Of<LitmusRun>(module, nameof(LitmusRun.Thread));

    internal MethodReference WasStarted { get; } = Of<LitmusRun>(module, nameof(LitmusRun.WasStarted));

    internal MethodReference Put { get; } = Of<LitmusRun>(module, nameof(LitmusRun.Put));

    internal MethodReference PutReference { get; } = Of<LitmusRun>(module, nameof(LitmusRun.PutReference));

    internal MethodReference VolatileRead { get; } = Of(module, typeof(Volatile), nameof(Volatile.Read), typeof(long).MakeByRefType());

    internal MethodReference VolatileWrite { get; } =
        Of(module, typeof(Volatile), nameof(Volatile.Write), typeof(long).MakeByRefType(), typeof(long));

    internal MethodReference VolatileReadCell { get; } = OfCell(module, typeof(Volatile), nameof(Volatile.Read));

    internal MethodReference VolatileWriteCell { get; } = OfCell(module, typeof(Volatile), nameof(Volatile.Write));

    internal MethodReference ReadBarrier { get; } = Of(module, typeof(Volatile), nameof(Volatile.ReadBarrier));

    internal MethodReference WriteBarrier { get; } = Of(module, typeof(Volatile), nameof(Volatile.WriteBarrier));

    internal MethodReference MemoryBarrier { get; } = Of(module, typeof(Interlocked), nameof(Interlocked.MemoryBarrier));

    internal MethodReference MemoryBarrierProcessWide { get; } =
        Of(module, typeof(Interlocked), nameof(Interlocked.MemoryBarrierProcessWide));

    internal MethodReference Exchange { get; } =
        Of(module, typeof(Interlocked), nameof(Interlocked.Exchange), typeof(long).MakeByRefType(), typeof(long));

    internal MethodReference CompareExchange { get; } =
        Of(module, typeof(Interlocked), nameof(Interlocked.CompareExchange), typeof(long).MakeByRefType(), typeof(long), typeof(long));

    internal MethodReference Add { get; } =
        Of(module, typeof(Interlocked), nameof(Interlocked.Add), typeof(long).MakeByRefType(), typeof(long));

    internal MethodReference ExchangeCell { get; } = OfCell(module, typeof(Interlocked), nameof(Interlocked.Exchange));

    internal MethodReference CompareExchangeCell { get; } = OfCell(module, typeof(Interlocked), nameof(Interlocked.CompareExchange));

    internal MethodReference Enter { get; } = Of(module, typeof(Monitor), nameof(Monitor.Enter), typeof(object));

    internal MethodReference Exit { get; } = Of(module, typeof(Monitor), nameof(Monitor.Exit), typeof(object));

    internal MethodReference NewThreadStart { get; } =
        module.ImportReference(typeof(ThreadStart).GetConstructor([typeof(object), typeof(nint)]));

    internal MethodReference NewThread { get; } = module.ImportReference(typeof(Thread).GetConstructor([typeof(ThreadStart)]));

    internal MethodReference Start { get; } = Of(module, typeof(Thread), nameof(System.Threading.Thread.Start));

    internal MethodReference Join { get; } = Of(module, typeof(Thread), nameof(System.Threading.Thread.Join));

    private static MethodReference Of<T>(ModuleDefinition module, string name) => module.ImportReference(typeof(T).GetMethod(name));

    private static MethodReference Of(ModuleDefinition module, Type type, string name, params Type[] parameters) =>
        module.ImportReference(type.GetMethod(name, parameters));

    private static GenericInstanceMethod OfCell(ModuleDefinition module, Type type, string name)
    {
        MethodInfo generic = type.GetMethods().Single(m => m.Name == name && m.IsGenericMethodDefinition);
        var instance = new GenericInstanceMethod(module.ImportReference(generic));
        instance.GenericArguments.Add(module.ImportReference(typeof(LitmusCell)));
        return instance;
    }
}
