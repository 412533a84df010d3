using System.Globalization;
using System.Text;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>Names and encodings of the headers that gRPC puts on HTTP/2.</summary>
static class Headers
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";

    /// <summary>Of a call that is tried again: how often it was tried before.</summary>
    public const string PreviousAttempts = "grpc-previous-rpc-attempts";

    /// <summary>The server's word on another attempt: milliseconds to wait, negative for none.</summary>
    public const string Pushback = "grpc-retry-pushback-ms";

    /// <summary>Metadata that asks this side to compress: it travels as <see cref="Encoding"/>.</summary>
    public const string EncodingRequest = "grpc-internal-encoding-request";

    /// <summary>99,999,999 seconds: the most that eight digits can say.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromSeconds(99_999_999);

    const int MaxTimeoutMilliseconds = 99_999_999;

    /// <summary><c>application/grpc</c>, alone or followed by a sub-type or parameters.</summary>
    public static bool IsGrpc(string contentType) =>
        contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is ';' or '+');

    /// <exception cref="FormatException">A binary value is no base64, as several that HTTP joined with commas are not.</exception>
    public static void AddTo(Metadata metadata, string name, string value)
    {
        if (name.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            metadata.Add(name, FromBase64(value));
        }
        else
        {
            metadata.Add(name, value);
        }
    }

    public static string EncodeTimeout(TimeSpan timeout)
    {
        var milliseconds = Math.Ceiling(timeout.TotalMilliseconds);
        return milliseconds <= 0 ? "1n"
            : milliseconds <= MaxTimeoutMilliseconds ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0}m")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(timeout.TotalSeconds):0}S");
    }

    public static bool TryDecodeTimeout(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }
        timeout = text[^1] switch
        {
            'H' => TimeSpan.FromTicks(value * TimeSpan.TicksPerHour),
            'M' => TimeSpan.FromTicks(value * TimeSpan.TicksPerMinute),
            'S' => TimeSpan.FromTicks(value * TimeSpan.TicksPerSecond),
            'm' => TimeSpan.FromTicks(value * TimeSpan.TicksPerMillisecond),
            'u' => TimeSpan.FromTicks(value * TimeSpan.TicksPerMicrosecond),
            'n' => TimeSpan.FromTicks(value / TimeSpan.NanosecondsPerTick),
            _ => TimeSpan.MinValue,
        };
        if (timeout > MaxTimeout)
        {
            timeout = MaxTimeout;
        }
        return timeout >= TimeSpan.Zero;
    }

    /// <summary>UTF-8 with everything but printable ASCII, and the percent sign, as %XX.</summary>
    public static string PercentEncode(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var b in System.Text.Encoding.UTF8.GetBytes(text))
        {
            if (b is >= 0x20 and <= 0x7e and not (byte)'%')
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }
        return encoded.ToString();
    }

    /// <summary>Padding is optional on the wire.</summary>
    static byte[] FromBase64(string text) => Convert.FromBase64String((text.Length % 4) switch
    {
        2 => text + "==",
        3 => text + "=",
        _ => text,
    });
}
