using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace L2R.Ledger.Domain;

/// <summary>Ids of what comes from another system, made from that system's own keys: the same keys give the same id, for ever.</summary>
/// <remarks>
/// UUIDv8 (RFC 9562, section 5.8) of the first 128 bits of a SHA-256. Hashed are the kind of id and then each key as UTF-8, each with its
/// length in bytes before it (32 bits, big-endian), so that no two lists of keys share an encoding; a sequence number follows as 64 bits.
/// Stored ids depend on every byte of this: it never changes.
/// </remarks>
public static class TransitionId
{
    const int MaxStack = 1024;

    /// <summary>The id of one row of a journey.</summary>
    /// <param name="source">The other system, such as <c>salesforce-eu</c>.</param>
    /// <param name="sourceKey">The other system's key of the journey.</param>
    /// <param name="sourceSeq">Numbers the rows of the journey.</param>
    public static Guid Create(string tenant, string source, string sourceKey, long sourceSeq) =>
        Hash(sourceSeq, "l2r.transition", tenant, source, sourceKey);

    /// <summary>The id of a lead that is <paramref name="sourceKey"/> elsewhere.</summary>
    public static Guid OfLead(string tenant, string source, string sourceKey) =>
        Hash(null, "l2r.lead", tenant, source, sourceKey);

    /// <summary>The id of a journey that is <paramref name="sourceKey"/> elsewhere.</summary>
    public static Guid OfJourney(string tenant, string source, string sourceKey) =>
        Hash(null, "l2r.journey", tenant, source, sourceKey);

    /// <summary>The id of an opportunity that is <paramref name="sourceKey"/> elsewhere.</summary>
    public static Guid OfOpportunity(string tenant, string source, string sourceKey) =>
        Hash(null, "l2r.opportunity", tenant, source, sourceKey);

    /// <summary>The id of one touch of a lead.</summary>
    /// <param name="sourceKey">The other system's key of the touch, or of its lead.</param>
    /// <param name="sourceSeq">Numbers the touches of that key.</param>
    public static Guid OfTouchpoint(string tenant, string source, string sourceKey, long sourceSeq) =>
        Hash(sourceSeq, "l2r.touchpoint", tenant, source, sourceKey);

    /// <summary>The id of a row that corrects another: the same correction again is the same row.</summary>
    /// <param name="content">A hash of what the correction says.</param>
    public static Guid OfCorrection(Guid superseded, Guid content) =>
        Hash(null, "l2r.correction", superseded.ToString("D"), content.ToString("D"));

    /// <summary>The id of a row that an owner takes in under a key which may have been another owner's until now.</summary>
    /// <param name="key">From <see cref="Create"/>: the id of the key's first row, whoever took that in.</param>
    /// <param name="content">A hash of what the row says.</param>
    public static Guid OfTakeOver(Guid key, Owner owner, Guid content) =>
        Hash(null, "l2r.takeover", key.ToString("D"), owner.ToString(), content.ToString("D"));

    // One call for all bytes: each call to the library of ciphers costs more than what it hashes here.
    static Guid Hash(long? number, params ReadOnlySpan<string> keys)
    {
        var size = sizeof(long);
        foreach (var key in keys)
        {
            size += sizeof(int) + Encoding.UTF8.GetMaxByteCount(key.Length);
        }
        var bytes = size <= MaxStack ? stackalloc byte[MaxStack] : new byte[size];
        var end = 0;
        foreach (var key in keys)
        {
            var length = Encoding.UTF8.GetBytes(key, bytes[(end + sizeof(int))..]);
            BinaryPrimitives.WriteInt32BigEndian(bytes[end..], length);
            end += sizeof(int) + length;
        }
        if (number is { } sequence)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes[end..], sequence);
            end += sizeof(long);
        }
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..end], digest);
        digest[6] = (byte)((digest[6] & 0x0f) | 0x80); // version 8
        digest[8] = (byte)((digest[8] & 0x3f) | 0x80); // variant of RFC 9562
        return new Guid(digest[..16], bigEndian: true);
    }
}
