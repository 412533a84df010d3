using System.Collections.Concurrent;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace L2R.Messaging;

/// <summary>What a message type looks like as proto3 JSON, so that it is read and written as UTF-8 with no text in between.</summary>
/// <remarks>
/// The library reads and writes strings: an event of 500 rows is a quarter of a megabyte of them, tokenised once as JSON and once as
/// protobuf, and their garbage makes full collections. docs/benchmarks.md has what this saves. It knows the kinds of field that events
/// have, and no others; the library is what the tests hold it against.
/// </remarks>
sealed class ProtoJsonShape
{
    static readonly ConcurrentDictionary<MessageDescriptor, ProtoJsonShape> Shapes = new();

    readonly System.Type _type;
    readonly ProtoJsonField[] _fields;

    ProtoJsonShape(MessageDescriptor descriptor)
    {
        _type = descriptor.ClrType;
        _fields = [.. descriptor.Fields.InFieldNumberOrder().Select(field => new ProtoJsonField(field))];
    }

    /// <returns>Null for a message that has, or holds one that has, a kind of field which this doesn't know.</returns>
    public static ProtoJsonShape? Find(MessageDescriptor descriptor) => Knows(descriptor, []) ? Of(descriptor) : null;

    internal static ProtoJsonShape Of(MessageDescriptor descriptor) => Shapes.GetOrAdd(descriptor, message => new(message));

    static bool Knows(MessageDescriptor message, HashSet<MessageDescriptor> seen) =>
        !seen.Add(message) || (!ProtoJsonField.HasOwnJson(message) && message.Fields.InDeclarationOrder().All(field =>
            field.FieldType switch
            {
                _ when field.IsMap => ProtoJsonField.IsTextMap(field),
                FieldType.String or FieldType.Bool or FieldType.Int32 or FieldType.Int64 or FieldType.Double or FieldType.Enum => true,
                FieldType.Message => ProtoJsonField.IsTimestamp(field) || Knows(field.MessageType, seen),
                _ => false,
            }));

    public void Write(Utf8JsonWriter writer, IMessage message)
    {
        writer.WriteStartObject();
        foreach (var field in _fields)
        {
            field.Write(writer, message);
        }
        writer.WriteEndObject();
    }

    /// <summary>Reads the object at which the reader stands, and leaves it at its end. What it doesn't know it steps over.</summary>
    /// <exception cref="JsonException">It is no object, or a value is not of its field's kind.</exception>
    public IMessage Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"A {_type.Name} is due, and there is a {reader.TokenType}.");
        }
        var message = (IMessage)Activator.CreateInstance(_type)!;
        var next = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = FindField(ref reader, next);
            reader.Read();
            if (found < 0 || reader.TokenType == JsonTokenType.Null)
            {
                reader.TrySkip();
                continue;
            }
            _fields[found].Read(ref reader, message);
            next = found + 1;
        }
        return message;
    }

    // Fields mostly come in their order, so the next one is nearly always it.
    int FindField(ref Utf8JsonReader reader, int next)
    {
        for (var tried = 0; tried < _fields.Length; tried++)
        {
            var index = (next + tried) % _fields.Length;
            if (_fields[index].IsNamed(ref reader))
            {
                return index;
            }
        }
        return -1;
    }
}
