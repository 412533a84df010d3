using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace L2R.TestSupport;

/// <summary>A request in which every field is wrong, at length, and in characters that are longer in a header than elsewhere.</summary>
static class WorstRequest
{
    const int Repeats = 150;
    const int LongText = 3_000;
    const int ShortText = 100;

    public static IMessage Of(MessageDescriptor type) => Fill(type, LongText, Repeats);

    static IMessage Fill(MessageDescriptor type, int length, int repeats)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InDeclarationOrder().Where(field => !field.IsMap))
        {
            if (!field.IsRepeated)
            {
                field.Accessor.SetValue(message, Value(field, length, repeats, number: 0));
                continue;
            }
            // What is repeated within the repeated: little, or the request would be too large to be read.
            var items = (IList)field.Accessor.GetValue(message);
            for (var i = 0; i < repeats; i++)
            {
                items.Add(Value(field, ShortText, repeats: 3, i));
            }
        }
        return message;
    }

    static object Value(FieldDescriptor field, int length, int repeats, int number) => field.FieldType switch
    {
        FieldType.Message => Fill(field.MessageType, length, repeats),
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, 999),
        FieldType.String => $"{number} " + string.Concat(Enumerable.Repeat("%€\n", length / 3)),
        FieldType.Bool => true,
        FieldType.Int32 => int.MinValue,
        FieldType.Int64 => long.MinValue,
        FieldType.Double => double.NaN,
        _ => throw new NotSupportedException($"{field.FullName}: no wrong value of {field.FieldType} is known here."),
    };
}
