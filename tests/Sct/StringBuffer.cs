namespace Verify.Tests.Sct;

/// <summary>The string buffer of JDK 1.4: append asks the other buffer for its length and for its characters under that one's lock, but in two calls.</summary>
/// <remarks>From SCTBench's "stringbuffer-jdk1.4": an erase in between leaves fewer characters than were asked for.</remarks>
internal static class StringBuffer
{
    private sealed class Buffer(string text)
    {
        private readonly object _lock = new();
        private readonly char[] _characters = [.. text, .. new char[32]];
        private volatile int _length = text.Length;

        internal int Length
        {
            get
            {
                lock (_lock)
                {
                    return _length;
                }
            }
        }

        internal void Append(Buffer other)
        {
            lock (_lock)
            {
                int length = other.Length;
                other.CopyTo(_characters, _length, length); // the other's lock was given back in between
                _length += length;
            }
        }

        internal void Erase(int from)
        {
            lock (_lock)
            {
                _length = Math.Min(_length, from);
            }
        }

        private void CopyTo(char[] target, int at, int count)
        {
            lock (_lock)
            {
                Threads.Assert(count <= _length, "more characters were asked for than there are");
                Array.Copy(_characters, 0, target, at, count);
            }
        }
    }

    internal static void Run()
    {
        var text = new Buffer("");
        var other = new Buffer("abc");
        Threads.Run(() => text.Append(other), () => other.Erase(0));
    }
}
