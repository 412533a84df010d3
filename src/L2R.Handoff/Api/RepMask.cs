using Google.Protobuf.WellKnownTypes;
using L2R.Handoff.V1;
using L2R.ServiceDefaults;

namespace L2R.Handoff.Api;

/// <summary>Which fields of a rep an update names.</summary>
static class RepMask
{
    static readonly string[] Changeable = ["active", "display_name", "subject", "team"];

    /// <summary>The paths to change: those named, or every one that is set.</summary>
    public static IReadOnlyList<string> Read(UpdateRepRequest request, List<FieldProblem> problems)
    {
        if (request.UpdateMask is not { Paths.Count: > 0 } mask)
        {
            return [.. Changeable.Where(path => IsSet(request.Rep, path))];
        }
        problems.Mask(mask.Paths, Changeable);
        return [.. mask.Paths];
    }

    /// <summary>The rep as it was, with the named fields as the request has them.</summary>
    public static Rep Merge(Rep before, Rep wanted, IReadOnlyList<string> paths)
    {
        var merged = before.Clone();
        new FieldMask { Paths = { paths } }.Merge(wanted, merged, new FieldMask.MergeOptions { ReplacePrimitiveFields = true });
        return merged;
    }

    static bool IsSet(Rep? rep, string path) => path switch
    {
        "active" => rep is { HasActive: true },
        "display_name" => rep is { DisplayName.Length: > 0 },
        "subject" => rep is { Subject.Length: > 0 },
        _ => rep is { Team.Length: > 0 },
    };
}
