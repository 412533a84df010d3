using System.Globalization;
using L2R.ServiceDefaults;

namespace L2R.Scoring.Api;

/// <summary>The names of policies: <c>scoringPolicies/{version}</c>.</summary>
static class PolicyNames
{
    public const string Active = Prefix + "active";

    const string Prefix = "scoringPolicies/";

    public static string Of(int version) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{version}");

    /// <returns>Null, with a problem, when the name is not of that form.</returns>
    public static int? Policy(this List<FieldProblem> problems, string field, string name)
    {
        if (name.StartsWith(Prefix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return version;
        }
        problems.Add(new(field, $"must be of the form {Prefix}{{version}}, such as {Of(1)}"));
        return null;
    }
}
