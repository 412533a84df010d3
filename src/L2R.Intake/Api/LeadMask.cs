using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using L2R.Intake.V1;
using L2R.ServiceDefaults;

namespace L2R.Intake.Api;

/// <summary>Which fields of a lead an update names.</summary>
static class LeadMask
{
    const string Custom = "custom";

    static readonly string[] Changeable =
    [
        "external_id", "channel", "source", "campaign", Custom,
        .. Below("person", Person.Descriptor), .. Below("profile", Profile.Descriptor),
    ];

    /// <summary>The paths to change: those named, or every one that is set.</summary>
    public static IReadOnlyList<string> Read(UpdateLeadRequest request, List<FieldProblem> problems)
    {
        if (request.UpdateMask is not { Paths.Count: > 0 } mask)
        {
            return [.. Changeable.Where(path => IsSet(request.Lead, path))];
        }
        problems.Mask(mask.Paths.Except(["person", "profile"]), Changeable);
        return [.. mask.Paths];
    }

    /// <summary>The lead as it was, with the named fields as the request has them.</summary>
    public static Lead Merge(Lead before, Lead wanted, IReadOnlyList<string> paths)
    {
        // Left out, as every library sends what is empty: its fields are empty, and FieldMask cannot read below nothing.
        var given = wanted.Clone();
        given.Person ??= new();
        given.Profile ??= new();
        var merged = before.Clone();
        if (paths.Contains(Custom))
        {
            // A mask would add to what is there.
            merged.Custom.Clear();
            merged.Custom.Add(given.Custom);
        }
        new FieldMask { Paths = { paths.Except([Custom]) } }.Merge(given, merged, new FieldMask.MergeOptions
        {
            ReplaceMessageFields = true,
            ReplacePrimitiveFields = true,
        });
        return merged;
    }

    static IEnumerable<string> Below(string path, Google.Protobuf.Reflection.MessageDescriptor message) =>
        message.Fields.InDeclarationOrder().Select(field => $"{path}.{field.Name}");

    static bool IsSet(Lead lead, string path)
    {
        IMessage? message = lead;
        object? value = null;
        foreach (var name in path.Split('.'))
        {
            value = message?.Descriptor.FindFieldByName(name).Accessor.GetValue(message);
            message = value as IMessage;
        }
        return value is string { Length: > 0 } or int and not 0 or System.Collections.IDictionary { Count: > 0 };
    }
}
