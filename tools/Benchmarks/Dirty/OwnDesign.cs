using Verify.Engine.Dirty;

namespace Verify.Benchmarks.Dirty;

/// <summary>A design of an assembly that is not ours, measured as ours are: the loop is specialised for the type of its views.</summary>
public struct OwnDesign<TDesign, TView> : IMeasured<TView>
    where TDesign : class, IDirtyMemoryDesign<TDesign>
    where TView : struct, IDirtyMemory
{
    public readonly IDirtyMemoryDesign Create(DirtyMemoryOptions options) => TDesign.Create(options);

    public readonly TView Attach(IDirtyMemoryDesign design) => (TView)design.Attach();

    public readonly void Detach(TView view) => view.Detach();
}

/// <summary>The benchmarks of the designs that <c>verify compare</c> asks for besides ours.</summary>
public static class OwnDesigns
{
    /// <summary>Environment variable with designs as <c>path.dll:TypeName</c>, separated by semicolons.</summary>
    public const string Variable = "VERIFY_BENCHMARK_DESIGNS";

    /// <summary>The classes of this folder that measure a design, made for each of those.</summary>
    public static IEnumerable<Type> Benchmarks() =>
        from name in (Environment.GetEnvironmentVariable(Variable) ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
        let arguments = Arguments(name)
        from benchmark in (Type[])[typeof(SinglePageBenchmarks<,>), typeof(RangeBenchmarks<,>), typeof(SyncBenchmarks<,>), typeof(TwoThreadsBenchmarks<,>)]
        select benchmark.MakeGenericType(arguments);

    private static Type[] Arguments(string name)
    {
        DirtyMemoryEntry entry = DirtyMemoryCatalog.Find(name);
        using IDirtyMemoryDesign design = entry.Create(new DirtyMemoryOptions { Pages = 64, MaxPages = 64, BlockPages = 64 });
        IDirtyMemory view = design.Attach();
        view.Detach();
        return view.GetType().IsValueType
            ? [typeof(OwnDesign<,>).MakeGenericType(design.GetType(), view.GetType()), view.GetType()]
            : throw new DirtyMemoryException($"the views of {name} are of a class, {view.GetType().Name}; make it a struct, as IDirtyMemory asks for");
    }
}
