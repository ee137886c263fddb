using Verify.Engine.Rcu;

namespace Verify.Tests.Unit.Rcu;

public class RcuEventTests
{
    [Fact]
    public void Wait_returns_at_once_when_set_and_reset_unsets()
    {
        RcuEvent e = new();
        e.Wait();
        Assert.True(e.IsSet);
        e.Reset();
        Assert.False(e.IsSet);
        e.Set();
        e.Wait();
    }

    [Fact]
    public void Reset_check_wait_never_loses_a_wakeup()
    {
        const int Items = 200_000;
        RcuEvent ready = new(false);
        int produced = 0, consumed = 0;
        Thread consumer = new(() =>
        {
            while (consumed < Items)
            {
                ready.Reset();
                int now = Volatile.Read(ref produced);
                if (now == consumed)
                    ready.Wait();
                else
                    consumed = now;
            }
        });
        consumer.Start();
        for (int i = 1; i <= Items; i++)
        {
            Volatile.Write(ref produced, i);
            ready.Set();
        }
        consumer.Join();  // hangs on a lost wake-up
        Assert.Equal(Items, consumed);
    }
}
