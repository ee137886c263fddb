// Programs over Lazy<T>, LazyInitializer, ThreadLocal<T>, [ThreadStatic].
public static partial class Probe
{
    static int s_made;

    static int Make()
    {
        Thread.Yield();
        return Interlocked.Increment(ref s_made);
    }

    static void Made(LazyThreadSafetyMode mode)
    {
        s_made = 0;
        Lazy<int> lazy = new(Make, mode);
        Run(() => Check(lazy.Value == 1), () => Check(lazy.Value == 1));
        Check(s_made == 1, "made twice");
    }

    public static void Made_once_under_its_lock__Clean() => Made(LazyThreadSafetyMode.ExecutionAndPublication);

    public static void Made_twice_where_only_publication_is_safe__Assertion() => Made(LazyThreadSafetyMode.PublicationOnly);

    public static void Published_once__Clean()
    {
        s_made = 0;
        Lazy<int> lazy = new(Make, LazyThreadSafetyMode.PublicationOnly);
        int a = 0, b = 0;
        Run(() => a = lazy.Value, () => b = lazy.Value);
        Check(a == b && lazy.IsValueCreated);
    }

    public static void Two_lazy_values_that_need_each_other__Deadlock()
    {
        Lazy<int> a = null, b = null;
        a = new(() => b.Value);
        b = new(() => { Thread.Yield(); return a.Value; });
        Run(() => { try { _ = a.Value; } catch (InvalidOperationException) { } }, () => { try { _ = b.Value; } catch (InvalidOperationException) { } });
    }

    static object s_initialized;

    public static void Initialized_once_for_all__Clean()
    {
        s_initialized = null;
        object a = null, b = null;
        Run(
            () => a = LazyInitializer.EnsureInitialized(ref s_initialized, () => new object()),
            () => b = LazyInitializer.EnsureInitialized(ref s_initialized, () => new object()));
        Check(a == b);
    }

    public static void Initialized_but_made_twice__Assertion()
    {
        s_initialized = null;
        s_made = 0;
        void Body() => LazyInitializer.EnsureInitialized(ref s_initialized, () => (object)Make());
        Run(Body, Body);
        Check(s_made == 1);
    }

    public static void Initialized_under_a_lock__Clean()
    {
        s_initialized = null;
        s_made = 0;
        bool done = false;
        object gate = null;
        void Body() => LazyInitializer.EnsureInitialized(ref s_initialized, ref done, ref gate, () => (object)Make());
        Run(Body, Body);
        Check(s_made == 1);
    }

    public static void A_value_for_each_thread__Clean()
    {
        using ThreadLocal<int> local = new(() => 10, trackAllValues: true);
        void Body()
        {
            local.Value++;
            Thread.Yield();
            Check(local.Value == 11);
        }

        Run(Body, Body);
        Check(local.Values.Sum() == 22);
    }

    public static void Values_counted_before_all_are_there__Assertion()
    {
        using ThreadLocal<int> local = new(trackAllValues: true);
        Run(() => local.Value = 1, () => Check(local.Values.Count == 1));
    }

    [ThreadStatic]
    static int t_count;

    public static void A_static_field_for_each_thread__Clean()
    {
        Check(t_count == 0, "left from an earlier execution");
        t_count = 5;
        void Body()
        {
            Check(t_count == 0, "left from another thread");
            t_count++;
            Thread.Yield();
            Check(t_count == 1);
        }

        Run(Body, Body);
        Run(Body);
        Check(t_count == 5);
    }

    [ThreadStatic]
    static int[] t_buffer;

    static int[] s_seen;

    public static void A_buffer_of_one_thread_handed_to_another__Assertion()
    {
        s_seen = null;
        Run(
            () =>
            {
                t_buffer ??= new int[1];
                Volatile.Write(ref s_seen, t_buffer);
                int before = Volatile.Read(ref t_buffer[0]);
                Check(Volatile.Read(ref t_buffer[0]) == before);
            },
            () =>
            {
                if (Volatile.Read(ref s_seen) is { } other) Volatile.Write(ref other[0], 1);
            });
    }
}
