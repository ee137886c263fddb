using BenchmarkDotNet.Configs;
using BenchmarkDotNet.ConsoleArguments;
using BenchmarkDotNet.Loggers;
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
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
    if (OwnDesigns.Benchmarks().ToArray() is { Length: > 0 } own)
    {
        // Not by the switcher, nor with the arguments, which lead to it: it would close types that are closed already.
        BenchmarkRunner.Run(own, ManualConfig.Union(DefaultConfig.Instance, ConfigParser.Parse(args, ConsoleLogger.Default).config));
    }
}
