using System.Buffers.Binary;
using System.Buffers.Text;

namespace L2R.ServiceDefaults;

/// <summary>Where a page ended: pages go by key, newest first, so a row added meanwhile shifts nothing.</summary>
public static class PageToken
{
    const int Size = 24;

    public static string Write(DateTimeOffset time, Guid id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.UtcTicks);
        id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <returns>Null when the text is empty or no token; the second adds a problem.</returns>
    public static (DateTimeOffset Time, Guid Id)? Read(string text, List<FieldProblem> problems)
    {
        if (text.Length == 0)
        {
            return null;
        }
        Span<byte> bytes = stackalloc byte[Size];
        if (Base64Url.IsValid(text, out var length) && length == Size && Base64Url.TryDecodeFromChars(text, bytes, out _)
            && BinaryPrimitives.ReadInt64BigEndian(bytes) is var ticks && ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks)
        {
            return (new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[8..], bigEndian: true));
        }
        problems.Add(new("page_token", "must be the next_page_token of the page before"));
        return null;
    }
}

/// <summary>The version of a resource as its callers carry it.</summary>
public static class Etag
{
    public static string Write(long version) => version.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <returns>Null when the text is empty: the caller does not care. A text that is no etag adds a problem.</returns>
    public static long? Read(string field, string text, List<FieldProblem> problems)
    {
        if (text.Length == 0)
        {
            return null;
        }
        if (long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var version))
        {
            return version;
        }
        problems.Add(new(field, "must be the etag of the resource as it was read"));
        return null;
    }
}
