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
    public static List<FieldProblem> FindMissing(IMessage request)
    {
        var problems = new List<FieldProblem>();
        Collect(request, path: "", problems);
        return problems;
    }

    static void Collect(IMessage message, string path, List<FieldProblem> problems)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var fieldPath = path + field.Name;
            if (IsRequired(field) && IsEmpty(field, message))
            {
                problems.Add(new FieldProblem(fieldPath, FieldProblem.Required));
            }
            else if (field is { FieldType: FieldType.String, IsMap: false } && HasNul(field.Accessor.GetValue(message)))
            {
                problems.Add(new FieldProblem(fieldPath, "must not have the character U+0000"));
            }
            else if (field is { FieldType: FieldType.Message, IsRepeated: false, IsMap: false }
                     && field.Accessor.GetValue(message) is IMessage child)
            {
                Collect(child, fieldPath + ".", problems);
            }
        }
    }

    static bool HasNul(object value) => value switch
    {
        string text => text.Contains('\0', StringComparison.Ordinal),
        IEnumerable<string> texts => texts.Any(text => text.Contains('\0', StringComparison.Ordinal)),
        _ => false,
    };

    static bool IsRequired(FieldDescriptor field) =>
        field.GetOptions()?.GetExtension(FieldExtensions.Behavior)?.Contains(FieldBehavior.Required) == true;

    static bool IsEmpty(FieldDescriptor field, IMessage message) => field.Accessor.GetValue(message) switch
    {
        null => true,
        string text => string.IsNullOrWhiteSpace(text),
        System.Collections.ICollection items => items.Count == 0,
        ByteString bytes => bytes.IsEmpty,
        // Zero is the unset value of an enum, and of a required number.
        Enum value => Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture) == 0,
        int number => number == 0,
        long number => number == 0,
        _ => false,
    };
}
