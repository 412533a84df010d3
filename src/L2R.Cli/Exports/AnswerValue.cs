using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using L2R.Type.V1;

namespace L2R.Cli.Exports;

/// <summary>Single values of messages as programs read them.</summary>
static class AnswerValue
{
    static readonly string[] WellKnown =
        [Timestamp.Descriptor.FullName, Duration.Descriptor.FullName, Date.Descriptor.FullName];

    /// <summary>Whether a field of the type is one value, though it is a message.</summary>
    public static bool IsOne(MessageDescriptor type) => WellKnown.Contains(type.FullName);

    /// <summary>A number, a truth or a text; null where there is none.</summary>
    /// <param name="field">No list, no message but one that is one value.</param>
    public static object? Of(IMessage message, FieldDescriptor field) =>
        field.HasPresence && !field.Accessor.HasValue(message) ? null : field.Accessor.GetValue(message) switch
        {
            Timestamp instant => Instant(instant),
            Duration span => Seconds(span),
            Date date => string.Create(CultureInfo.InvariantCulture, $"{date.Year:0000}-{date.Month:00}-{date.Day:00}"),
            ByteString bytes => bytes.ToBase64(),
            var value when field.FieldType == FieldType.Enum => EnumName(field.EnumType, (int)value),
            var value => value,
        };

    /// <summary>2026-03-31T22:00:00.123456Z.</summary>
    public static string Instant(Timestamp instant) =>
        instant.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>As the contract has it, without the name of the enum: CLOSED_WON. Null for the value that says nothing.</summary>
    public static string? EnumName<T>(T value)
        where T : struct, System.Enum => EnumName(Descriptor<T>.Value, Convert.ToInt32(value, CultureInfo.InvariantCulture));

    static string? EnumName(EnumDescriptor type, int number)
    {
        var zero = type.FindValueByNumber(0).Name;
        return number == 0 && zero.EndsWith("_UNSPECIFIED", StringComparison.Ordinal) ? null
            : type.FindValueByNumber(number)?.Name[(zero.Length - "UNSPECIFIED".Length)..] ?? number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>To the nanosecond.</summary>
    public static decimal Seconds(Duration span) => span.Seconds + (span.Nanos / 1_000_000_000m);

    static class Descriptor<T>
        where T : struct, System.Enum
    {
        public static readonly EnumDescriptor Value = new[] { L2R.Ledger.V1.LedgerReflection.Descriptor }
            .SelectMany(file => file.EnumTypes).Single(type => type.ClrType == typeof(T));
    }
}
