using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using L2R.Options.V1;

namespace L2R.ServiceDefaults;

/// <summary>Finds the fields that the protos mark REQUIRED and a request left empty, and texts that no database keeps.</summary>
/// <remarks>
/// It keeps the annotations honest: without a reader they would be comments that drift.
/// PostgreSQL keeps no U+0000: a text that has one would be refused where it is stored last, long after the caller was answered.
/// </remarks>
public static class RequiredFields
{
    // Reading an annotation copies all options of its field: once for each type, not for each of 500 rows.
    static readonly ConcurrentDictionary<MessageDescriptor, Field[]> FieldsOf = new();

    public static List<FieldProblem> FindMissing(IMessage request)
    {
        var problems = new List<FieldProblem>();
        Collect(request, path: "", problems);
        return problems;
    }

    static void Collect(IMessage message, string path, List<FieldProblem> problems)
    {
        foreach (var field in FieldsOf.GetOrAdd(message.Descriptor, Describe))
        {
            var value = field.Accessor.GetValue(message);
            if (field.IsRequired && IsEmpty(value))
            {
                problems.Add(new FieldProblem(path + field.Name, FieldProblem.Required));
            }
            else if (field.IsText && HasNul(value))
            {
                problems.Add(new FieldProblem(path + field.Name, "must not have the character U+0000"));
            }
            else if (field.IsMessage && value is IMessage child)
            {
                Collect(child, $"{path}{field.Name}.", problems);
            }
        }
    }

    /// <summary>The fields that there is something to look for in.</summary>
    static Field[] Describe(MessageDescriptor message) =>
    [
        .. from field in message.Fields.InDeclarationOrder()
           let described = new Field(
               field.Name,
               field.Accessor,
               field.GetOptions()?.GetExtension(FieldExtensions.Behavior)?.Contains(FieldBehavior.Required) == true,
               field is { FieldType: FieldType.String, IsMap: false },
               field is { FieldType: FieldType.Message, IsRepeated: false, IsMap: false })
           where described.IsRequired || described.IsText || described.IsMessage
           select described,
    ];

    static bool HasNul(object value) => value switch
    {
        string text => text.Contains('\0', StringComparison.Ordinal),
        IEnumerable<string> texts => texts.Any(text => text.Contains('\0', StringComparison.Ordinal)),
        _ => false,
    };

    static bool IsEmpty(object? value) => value switch
    {
        null => true,
        string text => string.IsNullOrWhiteSpace(text),
        System.Collections.ICollection items => items.Count == 0,
        ByteString bytes => bytes.IsEmpty,
        // Zero is the unset value of an enum, and of a required number.
        Enum number => Convert.ToInt32(number, System.Globalization.CultureInfo.InvariantCulture) == 0,
        int number => number == 0,
        long number => number == 0,
        _ => false,
    };

    sealed record Field(string Name, IFieldAccessor Accessor, bool IsRequired, bool IsText, bool IsMessage);
}
