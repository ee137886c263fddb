using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using Verify.Checker.Runtime;

namespace Verify.Checker.Exploration;

/// <summary>Different classes of executions (Mazurkiewicz traces) by their digests: exact up to a capacity, past it a sample that tells how many.</summary>
/// <remarks>
/// Of more than k digests the k smallest are kept; they are uniform, so the k-th smallest v of n lies near k/n of their range, and (k - 1)/v
/// estimates n to about 1/sqrt(k) (Bar-Yossef et al., "Counting Distinct Elements in a Data Stream", RANDOM 2002). What is kept does not depend
/// on the order in which digests come, nor on how they were divided among sets that are joined.
/// </remarks>
[JsonConverter(typeof(Json))]
public sealed class TraceSet
{
    /// <summary>Greatest capacity.</summary>
    public const int Most = 1 << 20;

    private readonly SortedSet<ulong> _digests = [];

    /// <summary>An empty set.</summary>
    /// <param name="capacity">How many digests are kept; at least 2.</param>
    public TraceSet(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, Most);
        Capacity = capacity;
    }

    /// <summary>How many digests are kept.</summary>
    public int Capacity { get; }

    /// <summary>Whether <see cref="Count"/> is a count and not an estimate.</summary>
    public bool IsExact { get; private set; } = true;

    /// <summary>How many different digests there were.</summary>
    public long Count => IsExact ? _digests.Count : (long)((Capacity - 1) / (_digests.Max / Math.Pow(2, 64)));

    /// <summary>A digest of the digests: equal for equal sets, whatever found them.</summary>
    public ulong Digest
    {
        get
        {
            ulong digest = Fnv.Offset;
            foreach (ulong element in _digests)
            {
                digest = Fnv.Mix(digest, element);
            }

            return digest;
        }
    }

    /// <summary>Adds one.</summary>
    public void Add(ulong digest)
    {
        if (!IsExact && digest >= _digests.Max)
        {
            return;
        }

        if (_digests.Add(digest) && _digests.Count > Capacity)
        {
            _digests.Remove(_digests.Max);
            IsExact = false;
        }
    }

    /// <summary>Adds all of another set of the same capacity.</summary>
    public void UnionWith(TraceSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        IsExact &= other.IsExact;
        _digests.UnionWith(other._digests);
        while (_digests.Count > Capacity)
        {
            _digests.Remove(_digests.Max);
            IsExact = false;
        }
    }

    // Digests as little-endian words in base 64, after the capacity, and a ~ where it is a sample.
    private sealed class Json : JsonConverter<TraceSet>
    {
        public override TraceSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            string[] parts = (reader.GetString() ?? "").Split(' ');
            if (parts.Length != 2 || !int.TryParse(parts[0].TrimEnd('~'), out int capacity) || capacity is < 2 or > Most)
            {
                throw new JsonException("not a set of traces");
            }

            var set = new TraceSet(capacity);
            byte[] bytes = new byte[parts[1].Length];
            if (!Convert.TryFromBase64String(parts[1], bytes, out int length) || length % 8 != 0 || length / 8 > capacity)
            {
                throw new JsonException("not a set of traces");
            }

            for (int i = 0; i < length; i += 8)
            {
                set._digests.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i)));
            }

            set.IsExact = !parts[0].EndsWith('~');
            return set.IsExact || set._digests.Count == capacity ? set : throw new JsonException("a sample of traces with traces missing");
        }

        public override void Write(Utf8JsonWriter writer, TraceSet value, JsonSerializerOptions options)
        {
            byte[] bytes = new byte[value._digests.Count * 8];
            int at = 0;
            foreach (ulong digest in value._digests)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), digest);
                at += 8;
            }

            writer.WriteStringValue($"{value.Capacity}{(value.IsExact ? "" : "~")} {Convert.ToBase64String(bytes)}");
        }
    }
}
