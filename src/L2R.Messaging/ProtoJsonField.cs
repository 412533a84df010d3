using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace L2R.Messaging;

/// <summary>One field of a message as proto3 JSON: left out while it has its default, 64-bit integers as strings, enums by name.</summary>
sealed class ProtoJsonField
{
    const string WellKnownTypes = "google.protobuf";
    const int NanosDigits = 9;

    readonly IFieldAccessor _accessor;
    readonly FieldDescriptor _field;
    readonly byte[] _protoName;
    readonly JsonEncodedText _name;
    readonly bool _isTimestamp;
    readonly (JsonEncodedText Name, object Number)[] _enumValues;

    public ProtoJsonField(FieldDescriptor field)
    {
        _field = field;
        _accessor = field.Accessor;
        _protoName = Encoding.UTF8.GetBytes(field.Name);
        _name = JsonEncodedText.Encode(field.JsonName);
        _isTimestamp = IsTimestamp(field);
        _enumValues = field.FieldType == FieldType.Enum
            ? [.. field.EnumType.Values.Select(value => (JsonEncodedText.Encode(value.Name), (object)value.Number))]
            : [];
    }

    public static bool IsTimestamp(FieldDescriptor field) =>
        field.FieldType == FieldType.Message && field.MessageType.FullName == Timestamp.Descriptor.FullName;

    /// <summary>A <c>map&lt;string, string&gt;</c>: the only map that events have.</summary>
    public static bool IsTextMap(FieldDescriptor field) =>
        field.IsMap && field.MessageType.Fields.InDeclarationOrder().All(part => part.FieldType == FieldType.String);

    /// <summary>Whether JSON writes it in a way of its own, as it does Duration, Any and the wrappers.</summary>
    public static bool HasOwnJson(MessageDescriptor message) => message.File.Package == WellKnownTypes;

    /// <summary>Whether the name at which the reader stands is this field's, in JSON or in its proto.</summary>
    public bool IsNamed(ref Utf8JsonReader reader) => reader.ValueTextEquals(_name.EncodedUtf8Bytes) || reader.ValueTextEquals(_protoName);

    public void Write(Utf8JsonWriter writer, IMessage message)
    {
        if (_field.HasPresence && !_accessor.HasValue(message))
        {
            return;
        }
        var value = _accessor.GetValue(message);
        if (_field.IsMap)
        {
            WriteMap(writer, (MapField<string, string>)value);
        }
        else if (_field.IsRepeated)
        {
            WriteAll(writer, (IList)value);
        }
        else if (_field.HasPresence || !IsDefault(value))
        {
            writer.WritePropertyName(_name);
            WriteOne(writer, value);
        }
    }

    /// <summary>Reads the value at which the reader stands, which is not null, into the message.</summary>
    public void Read(ref Utf8JsonReader reader, IMessage message)
    {
        if (_field.IsMap)
        {
            ReadMap(ref reader, (MapField<string, string>)_accessor.GetValue(message));
            return;
        }
        if (!_field.IsRepeated)
        {
            if (ReadOne(ref reader) is { } value)
            {
                _accessor.SetValue(message, value);
            }
            return;
        }
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException($"{_field.FullName} is a list, and there is a {reader.TokenType}.");
        }
        var values = (IList)_accessor.GetValue(message);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (ReadOne(ref reader) is { } value)
            {
                values.Add(value);
            }
        }
    }

    void WriteAll(Utf8JsonWriter writer, IList values)
    {
        if (values.Count == 0)
        {
            return;
        }
        writer.WriteStartArray(_name);
        foreach (var value in values)
        {
            WriteOne(writer, value!);
        }
        writer.WriteEndArray();
    }

    void WriteMap(Utf8JsonWriter writer, MapField<string, string> map)
    {
        if (map.Count == 0)
        {
            return;
        }
        writer.WriteStartObject(_name);
        foreach (var (key, value) in map)
        {
            writer.WriteString(key, value);
        }
        writer.WriteEndObject();
    }

    void ReadMap(ref Utf8JsonReader reader, MapField<string, string> map)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"{_field.FullName} is a map, and there is a {reader.TokenType}.");
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            map[key] = reader.GetString() ?? throw new JsonException($"{_field.FullName} has no value for '{key}'.");
        }
    }

    static bool IsDefault(object value) => value switch
    {
        string text => text.Length == 0,
        long number => number == 0,
        int number => number == 0,
        bool truth => !truth,
        double number => BitConverter.DoubleToInt64Bits(number) == 0, // minus zero is a value
        _ => Convert.ToInt32(value, CultureInfo.InvariantCulture) == 0, // an enum
    };

    void WriteOne(Utf8JsonWriter writer, object value)
    {
        switch (_field.FieldType)
        {
            case FieldType.String:
                writer.WriteStringValue((string)value);
                break;
            case FieldType.Bool:
                writer.WriteBooleanValue((bool)value);
                break;
            case FieldType.Int32:
                writer.WriteNumberValue((int)value);
                break;
            case FieldType.Int64:
                Span<char> digits = stackalloc char[20];
                ((long)value).TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
                writer.WriteStringValue(digits[..length]);
                break;
            case FieldType.Double:
                WriteDouble(writer, (double)value);
                break;
            case FieldType.Enum:
                WriteEnum(writer, Convert.ToInt32(value, CultureInfo.InvariantCulture));
                break;
            default:
                WriteMessage(writer, (IMessage)value);
                break;
        }
    }

    static void WriteDouble(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }

    void WriteEnum(Utf8JsonWriter writer, int number)
    {
        foreach (var (name, known) in _enumValues)
        {
            if ((int)known == number)
            {
                writer.WriteStringValue(name);
                return;
            }
        }
        writer.WriteNumberValue(number);
    }

    void WriteMessage(Utf8JsonWriter writer, IMessage message)
    {
        if (message is not Timestamp instant)
        {
            ProtoJsonShape.Of(message.Descriptor).Write(writer, message);
            return;
        }
        Span<char> text = stackalloc char[30];
        instant.ToDateTime().TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        if (instant.Nanos > 0)
        {
            text[length++] = '.';
            instant.Nanos.TryFormat(text[length..], out _, "D9", CultureInfo.InvariantCulture);
            // Three digits, six or nine.
            length += instant.Nanos % 1_000_000 == 0 ? 3 : instant.Nanos % 1_000 == 0 ? 6 : NanosDigits;
        }
        text[length++] = 'Z';
        writer.WriteStringValue(text[..length]);
    }

    /// <returns>Null for the name of an enum's value that this version doesn't know.</returns>
    object? ReadOne(ref Utf8JsonReader reader) => _field.FieldType switch
    {
        FieldType.String => reader.GetString(),
        FieldType.Bool => reader.GetBoolean(),
        FieldType.Int32 => reader.TokenType == JsonTokenType.String ? int.Parse(reader.GetString()!, CultureInfo.InvariantCulture) : reader.GetInt32(),
        FieldType.Int64 => reader.TokenType == JsonTokenType.String ? long.Parse(reader.GetString()!, CultureInfo.InvariantCulture) : reader.GetInt64(),
        FieldType.Double => reader.TokenType == JsonTokenType.String ? ReadDouble(reader.GetString()!) : reader.GetDouble(),
        FieldType.Enum => ReadEnum(ref reader),
        _ => _isTimestamp ? ReadTimestamp(reader.GetString()!) : ProtoJsonShape.Of(_field.MessageType).Read(ref reader),
    };

    static double ReadDouble(string text) => text switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    object? ReadEnum(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.GetInt32();
        }
        foreach (var (name, number) in _enumValues)
        {
            if (reader.ValueTextEquals(name.EncodedUtf8Bytes))
            {
                return number;
            }
        }
        return null;
    }

    static Timestamp ReadTimestamp(string text)
    {
        const int WholeSeconds = 19; // 2026-01-31T12:00:00
        if (text.Length > WholeSeconds && text[^1] == 'Z'
            && DateTime.TryParseExact(
                text.AsSpan(0, WholeSeconds), "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var second)
            && TryReadNanos(text.AsSpan(WholeSeconds..^1), out var nanos))
        {
            return new Timestamp { Seconds = (second.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond, Nanos = nanos };
        }
        return JsonParser.Default.Parse<Timestamp>(JsonSerializer.Serialize(text)); // of another offset, or no instant
    }

    static bool TryReadNanos(ReadOnlySpan<char> fraction, out int nanos)
    {
        nanos = 0;
        if (fraction.IsEmpty)
        {
            return true;
        }
        if (fraction[0] != '.' || fraction.Length is < 2 or > NanosDigits + 1 || !int.TryParse(fraction[1..], NumberStyles.None, CultureInfo.InvariantCulture, out nanos))
        {
            return false;
        }
        for (var digit = fraction.Length; digit <= NanosDigits; digit++)
        {
            nanos *= 10;
        }
        return true;
    }
}
