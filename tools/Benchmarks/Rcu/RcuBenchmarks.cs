using BenchmarkDotNet.Attributes;
using Verify.Engine.Rcu;

namespace Verify.Benchmarks.Rcu;

/// <summary>A read section, and a grace period with one reader that stays outside, for each variant of RCU.</summary>
[Config(typeof(ShortConfig))]
[GenericTypeArguments(typeof(SymmetricRcu))]
[GenericTypeArguments(typeof(AsymmetricRcu))]
[GenericTypeArguments(typeof(TwoPhaseRcu))]
public class RcuBenchmarks<TVariant>
    where TVariant : struct, IRcuVariant
{
    private const int Sections = 4096, Periods = 16;

    private RcuDomain<TVariant> _domain = null!;
    private RcuReader<TVariant> _reader = null!;

    [GlobalSetup]
    public void Setup()
    {
        _domain = new RcuDomain<TVariant>();
        _reader = _domain.Register();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _domain.Unregister(_reader);
        _domain.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Sections)]
    public void ReadSection()
    {
        for (int i = 0; i < Sections; i++)
        {
            _reader.Enter();
            _reader.Leave();
        }
    }

    [Benchmark(OperationsPerInvoke = Periods)]
    public void GracePeriod()
    {
        for (int i = 0; i < Periods; i++)
        {
            _domain.Synchronize();
        }
    }
}
