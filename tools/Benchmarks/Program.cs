using BenchmarkDotNet.Running;
using Verify.Benchmarks.Exploration;

if (args is ["schedules-to-bug", .. var rest])
{
    SchedulesToBug.Run(rest);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
