namespace Verify.Engine.Rcu;

/// <summary>Intrusive queue, many producers, one consumer, no lock: the queue of call_rcu.</summary>
/// <remarks>
/// After QEMU util/rcu.c (enqueue, try_dequeue). An append is two steps; between them the list is broken at that place and the consumer must wait.
/// FIFO in the order of the first step, hence FIFO for each producer.
/// </remarks>
public sealed class RcuCallbackQueue
{
    private sealed class Dummy : RcuCallback
    {
        protected internal override void Invoke() => throw new RcuMisuseException(
            "The queue's own node was invoked: the reclaimer asked for more callbacks than were counted.");
    }

    private readonly Dummy _dummy = new();
    private RcuCallback _head;  // consumer only
    private RcuCallback _tail;  // Interlocked; the last node whose producer has done its first step
    private int _count;         // Interlocked; nodes handed over and not yet taken by TakeCount

    public RcuCallbackQueue()
    {
        _head = _dummy;
        _tail = _dummy;
    }

    /// <summary>Callbacks handed over and not yet taken.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Set by every completed hand-over.</summary>
    public RcuEvent Ready { get; } = new(false);

    /// <summary>Links a node at the end. A node must not be appended again before it was invoked.</summary>
    public void Append(RcuCallback callback)
    {
        Volatile.Write(ref callback.Next, null);
        RcuCallback previous = Interlocked.Exchange(ref _tail, callback);
        // Release: the node's content before its link. Pairs with the acquire load in TryDequeue.
        Volatile.Write(ref previous.Next, callback);
    }

    /// <summary>Counts a node that is linked, and wakes the consumer.</summary>
    public void CountOne()
    {
        Interlocked.Increment(ref _count);
        Ready.Set();
    }

    /// <summary>Consumer: takes the whole count. At least so many nodes have done their first step.</summary>
    public int TakeCount() => Interlocked.Exchange(ref _count, 0);

    /// <summary>Consumer: the oldest node, or null if its link is not visible yet. Ask only for nodes that were counted.</summary>
    public RcuCallback? TryDequeue()
    {
        while (true)
        {
            RcuCallback node = _head;
            RcuCallback? next = Volatile.Read(ref node.Next);
            if (next is null)
            {
                if (node == _dummy && Volatile.Read(ref _tail) == _dummy)
                    throw new RcuMisuseException(
                        "The callback queue is empty although callbacks were counted: count a callback only after appending it, once.");
                return null;
            }
            _head = next;
            if (node != _dummy)
                return node;
            Append(_dummy);  // The last real node can only leave if something stands behind it.
        }
    }
}
