using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Google.Protobuf;

namespace L2R.ServiceDefaults;

/// <summary>One page of a list, as its request asks for it. Pages go by key, so a row that is added meanwhile shifts nothing.</summary>
/// <remarks>
/// A token says where the page before ended, and which rpc and which filter it is of: with others it would begin anywhere.
/// </remarks>
public sealed class Page
{
    const int DefaultSize = 50;
    const int LargestSize = 1000;
    const int KeyLength = 24;
    const int ScopeLength = 8;

    readonly byte[] _scope;

    Page(int size, byte[] scope) => (Size, _scope) = (size, scope);

    /// <summary>Rows on the page, 1 to 1000; 50 where the request says 0.</summary>
    public int Size { get; }

    /// <summary>Rows to read: one more than the page has tells whether there is a next one.</summary>
    public int Limit => Size + 1;

    /// <summary>Where the page before ended; null for the first page.</summary>
    public (DateTimeOffset Time, Guid Id)? Start { get; private init; }

    /// <param name="request">Has <c>page_size</c> and <c>page_token</c>; its other fields are the filter.</param>
    public static Page Read(IMessage request, List<FieldProblem> problems)
    {
        var fields = request.Descriptor.Fields.InDeclarationOrder();
        var (sizeField, tokenField) = (fields.Single(field => field.Name == "page_size"), fields.Single(field => field.Name == "page_token"));
        var (asked, token) = ((int)sizeField.Accessor.GetValue(request), (string)tokenField.Accessor.GetValue(request));
        var filter = request.Descriptor.Parser.ParseFrom(request.ToByteArray());
        sizeField.Accessor.Clear(filter);
        tokenField.Accessor.Clear(filter);
        // Each rpc has a request of its own: its name stands for the rpc.
        byte[] content = [.. System.Text.Encoding.UTF8.GetBytes(request.Descriptor.FullName), 0, .. filter.ToByteArray()];
        var scope = SHA256.HashData(content)[..ScopeLength];
        if (asked < 0)
        {
            problems.Add(new("page_size", "must not be negative"));
        }
        return new Page(asked == 0 ? DefaultSize : Math.Clamp(asked, 1, LargestSize), scope)
        {
            Start = token.Length == 0 ? null : ReadToken(token, scope, problems),
        };
    }

    /// <summary>The rows of a list that was read whole: as many as <see cref="Limit"/> where there are.</summary>
    /// <param name="key">By which the list is in order.</param>
    public IReadOnlyList<T> Of<T>(IEnumerable<T> all, Func<T, (DateTimeOffset Time, Guid Id)> key) =>
        [.. all.Where(row => Start is not { } start || key(row).CompareTo(start) > 0).Take(Limit)];

    /// <summary>What a caller asks for the next page with; empty at the end.</summary>
    /// <param name="rows">As many as <see cref="Limit"/> where there are.</param>
    /// <param name="key">By which the list is in order.</param>
    public string NextToken<T>(IReadOnlyList<T> rows, Func<T, (DateTimeOffset Time, Guid Id)> key)
    {
        if (rows.Count <= Size)
        {
            return "";
        }
        var (time, id) = key(rows[Size - 1]);
        Span<byte> bytes = stackalloc byte[KeyLength + ScopeLength];
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.UtcTicks);
        id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        _scope.CopyTo(bytes[KeyLength..]);
        return Base64Url.EncodeToString(bytes);
    }

    static (DateTimeOffset Time, Guid Id)? ReadToken(string token, byte[] scope, List<FieldProblem> problems)
    {
        Span<byte> bytes = stackalloc byte[KeyLength + ScopeLength];
        if (Base64Url.IsValid(token, out var length) && length == bytes.Length && Base64Url.TryDecodeFromChars(token, bytes, out _)
            && bytes[KeyLength..].SequenceEqual(scope)
            && BinaryPrimitives.ReadInt64BigEndian(bytes) is var ticks && ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks)
        {
            return (new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[8..KeyLength], bigEndian: true));
        }
        problems.Add(new("page_token", "must be the next_page_token of the page before, with the same filter"));
        return null;
    }
}
