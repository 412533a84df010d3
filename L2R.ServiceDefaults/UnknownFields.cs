using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace L2R.ServiceDefaults;

/// <summary>Tells whether a message came with fields that this version does not know.</summary>
/// <remarks>
/// The library keeps them and gives no way to ask. Writing the message, reading it back without them and comparing sizes tells it too,
/// but costs a batch of 500 rows more than checking the rows does; so this looks where the generated code keeps them.
/// </remarks>
static class UnknownFields
{
    static readonly ConcurrentDictionary<MessageDescriptor, Shape> Shapes = new();

    public static bool Has(IMessage message)
    {
        var shape = Shapes.GetOrAdd(message.Descriptor, Describe);
        if (shape.Unknown.GetValue(message) is not null)
        {
            return true;
        }
        foreach (var field in shape.Messages)
        {
            switch (field.GetValue(message))
            {
                case IMessage child when Has(child):
                    return true;
                case IDictionary map when HasAny(map.Values):
                    return true;
                case IList children when HasAny(children):
                    return true;
            }
        }
        return false;
    }

    static bool HasAny(IEnumerable values)
    {
        foreach (var value in values)
        {
            if (value is IMessage message && Has(message))
            {
                return true;
            }
        }
        return false;
    }

    static Shape Describe(MessageDescriptor message) => new(
        message.ClrType.GetField("_unknownFields", BindingFlags.Instance | BindingFlags.NonPublic)
            ?? throw new InvalidOperationException($"{message.ClrType} keeps its unknown fields elsewhere than generated code did so far."),
        [.. message.Fields.InDeclarationOrder().Where(field => field.FieldType is FieldType.Message or FieldType.Group).Select(field => field.Accessor)]);

    sealed record Shape(FieldInfo Unknown, IFieldAccessor[] Messages);
}
