using System.Reflection;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Running;
using Verify.Benchmarks.Backend;
using Verify.Benchmarks.Dirty;
using Verify.Benchmarks.Exploration;
using Verify.Benchmarks.Interpreter;

if (args is ["schedules-to-bug", .. var rest])
{
    SchedulesToBug.Run(rest);
}
else if (args is ["backend", .. var backendRounds])
{
    BackendVersusQemu.Run(backendRounds);
}
else if (args is ["growth", .. var growthRounds])
{
    GrowthBesideReader.Run(growthRounds);
}
else if (args is ["interpreter", .. var rounds])
{
    InterpreterVersusQemu.Run(rounds);
}
else
{
    BenchmarkSwitcher.FromTypes([.. typeof(Program).Assembly.GetTypes().Where(type => type.GetMethods().Any(IsBenchmark)), .. OwnDesigns.Benchmarks()]).Run(args);
    static bool IsBenchmark(MethodInfo method) => method.IsDefined(typeof(BenchmarkAttribute));
}
