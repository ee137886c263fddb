using Verify.Engine.Rcu;

namespace Verify.Scenarios.Events;

/// <summary>What a variant of RCU does, with one reader, outside its section.</summary>
internal static class RcuEvents<TVariant>
    where TVariant : struct, IRcuVariant
{
    /// <summary>A read section.</summary>
    internal static CountedEvent Read() => Make((_, reader) =>
    {
        reader.Enter();
        reader.Leave();
    });

    /// <summary>A grace period.</summary>
    internal static CountedEvent Grace() => Make((domain, _) => domain.Synchronize());

    private static CountedEvent Make(Action<RcuDomain<TVariant>, RcuReader<TVariant>> body)
    {
        RcuDomain<TVariant> domain = null!;
        RcuReader<TVariant> reader = null!;
        return new CountedEvent(
            () =>
            {
                domain = new RcuDomain<TVariant>();
                reader = domain.Register();
            },
            () => body(domain, reader),
            () =>
            {
                domain.Unregister(reader);
                domain.Dispose();
            });
    }
}
