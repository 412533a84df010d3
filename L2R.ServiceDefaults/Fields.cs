using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using L2R.Type.V1;

namespace L2R.ServiceDefaults;

/// <summary>The rules on fields that every service applies alike. Each adds a problem where the value breaks it.</summary>
public static partial class Fields
{
    /// <summary>How far ahead of the service's clock an instant may lie: clocks differ.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <summary>Of one touch or one campaign, in units of the currency: what is more is a typing error, and sums of many stay exact.</summary>
    public const decimal MostCost = 1_000_000_000_000;

    const int MaxCustom = 16;

    static readonly HashSet<string> StandardDimensions =
        ["channel", "source", "campaign", "motion", "owner", "team", "product", "policy_version", "policy-version", "segment", "region"];

    public static void AtMost(this List<FieldProblem> problems, string field, string value, int length)
    {
        if (value.Length > length)
        {
            problems.Add(new(field, $"must be at most {length} characters, and has {value.Length}"));
        }
    }

    /// <summary>A key that others look for: at most 200 characters; empty is allowed, white space alone is not.</summary>
    public static void Key(this List<FieldProblem> problems, string field, string value)
    {
        problems.AtMost(field, value, 200);
        if (value.Length > 0 && string.IsNullOrWhiteSpace(value))
        {
            problems.Add(new(field, "must not be white space alone"));
        }
    }

    /// <summary>Lower-case words joined by single hyphens, at most 63 characters; empty is allowed.</summary>
    public static void KebabCase(this List<FieldProblem> problems, string field, string value)
    {
        if (value.Length > 63 || (value.Length > 0 && !KebabCasePattern().IsMatch(value)))
        {
            problems.Add(new(field, "must be in kebab case such as web-form, at most 63 characters"));
        }
    }

    /// <summary>A CLDR region code of two letters; empty is allowed.</summary>
    public static void RegionCode(this List<FieldProblem> problems, string field, string value)
    {
        if (value.Length > 0 && (value.Length != 2 || !value.All(char.IsAsciiLetterUpper)))
        {
            problems.Add(new(field, "must be a CLDR region code such as NL"));
        }
    }

    /// <summary>A currency of ISO 4217, in capitals; empty is allowed.</summary>
    public static void Currency(this List<FieldProblem> problems, string field, string code)
    {
        if (code.Length > 0 && !Currencies.Has(code))
        {
            problems.Add(new(field, "must be an active ISO 4217 code such as EUR"));
        }
    }

    /// <summary>What something cost: 0 to <see cref="MostCost"/>, in a currency that there is, or was since 1999.</summary>
    /// <returns>Null when it is unset, or breaks a rule; the second adds a problem.</returns>
    public static decimal? Cost(this List<FieldProblem> problems, string field, Money? money)
    {
        if (money is null)
        {
            return null;
        }
        var before = problems.Count;
        if (money.CurrencyCode.Length == 0)
        {
            problems.Add(new($"{field}.currency_code", FieldProblem.Required));
        }
        problems.PastCurrency($"{field}.currency_code", money.CurrencyCode);
        if (money.Nanos is < 0 or > 999_999_999 || money.ToDecimal() is < 0 or > MostCost)
        {
            problems.Add(new(field, FormattableString.Invariant($"must be from 0 to {MostCost:#,0}, with 0 to 999,999,999 nanos")));
        }
        return problems.Count == before ? money.ToDecimal() : null;
    }

    /// <summary>As <see cref="Currency"/>, of what is told of the past: also one that was withdrawn since 1999.</summary>
    public static void PastCurrency(this List<FieldProblem> problems, string field, string code)
    {
        if (code.Length > 0 && !Currencies.HasOrHad(code))
        {
            problems.Add(new(field, "must be an ISO 4217 code such as EUR, active or withdrawn since 1999"));
        }
    }

    /// <summary>Whom a row or a resource names, as an id of at most 200 characters; empty is allowed, an e-mail address is not: it is personal.</summary>
    public static void PersonId(this List<FieldProblem> problems, string field, string value)
    {
        problems.AtMost(field, value, 200);
        if (value.Contains('@', StringComparison.Ordinal))
        {
            problems.Add(new(field, "must be an id, not an e-mail address: that is personal data"));
        }
    }

    /// <summary>The name of a dimension of a tenant's own: in kebab case, and none that every tenant has; empty is allowed.</summary>
    public static void CustomName(this List<FieldProblem> problems, string field, string name)
    {
        problems.KebabCase(field, name);
        if (StandardDimensions.Contains(name))
        {
            problems.Add(new(field, $"must not be '{name}': every tenant has that dimension"));
        }
    }

    /// <summary>A tenant's own dimensions by name: at most 16, with values of at most 200 characters. An empty value says nothing.</summary>
    /// <remarks>So many are more than a question can group by, and few enough to be kept with every row.</remarks>
    public static void Custom(this List<FieldProblem> problems, string field, IReadOnlyCollection<KeyValuePair<string, string>> custom)
    {
        if (custom.Count > MaxCustom)
        {
            problems.Add(new(field, $"must be at most {MaxCustom}, and are {custom.Count}"));
        }
        foreach (var (name, value) in custom)
        {
            if (name.Length == 0)
            {
                problems.Add(new(field, "must not have an empty name"));
            }
            problems.CustomName($"{field}['{name.Echo()}']", name);
            problems.PersonId($"{field}['{name.Echo()}']", value);
            if (value.Contains('\0', StringComparison.Ordinal))
            {
                problems.Add(new($"{field}['{name.Echo()}']", "must not have the character U+0000"));
            }
        }
    }

    /// <summary>What an update names in its mask is what it may change.</summary>
    /// <param name="changeable">The paths that it may name.</param>
    public static void Mask(this List<FieldProblem> problems, IEnumerable<string> paths, IReadOnlyCollection<string> changeable)
    {
        var wrong = paths.Except(changeable).ToList();
        if (wrong.Count > 0)
        {
            var others = wrong.Count > 1 ? $" and {wrong.Count - 1} more" : "";
            problems.Add(new("update_mask", $"names '{wrong[0].Echo()}'{others}, which no update changes; it changes {string.Join(", ", changeable)}"));
        }
    }

    /// <returns>Null when the text is empty or no UUID; the second adds a problem.</returns>
    public static Guid? RequestId(this List<FieldProblem> problems, string text)
    {
        if (text.Length == 0)
        {
            return null;
        }
        if (Guid.TryParseExact(text, "D", out var requestId))
        {
            return requestId;
        }
        problems.Add(new("request_id", "must be a UUID such as 3f2c8a9e-7b1d-4c5e-9f00-1a2b3c4d5e6f"));
        return null;
    }

    /// <summary>Reads a resource name such as <c>leads/{lead}</c>.</summary>
    /// <param name="collection">Such as <c>leads</c>.</param>
    /// <returns>Null, with a problem, when there is none, or it is not of that form.</returns>
    public static Guid? Name(this List<FieldProblem> problems, string field, string name, string collection)
    {
        if (TryParseName(name, collection, out var id))
        {
            return id;
        }
        problems.Add(new(field, name.Length == 0 ? FieldProblem.Required : $"must be of the form {collection}/{{uuid}}"));
        return null;
    }

    public static bool TryParseName(string name, string collection, out Guid id)
    {
        id = default;
        return name.Length == collection.Length + 37
            && name.StartsWith(collection, StringComparison.Ordinal)
            && name[collection.Length] == '/'
            && Guid.TryParseExact(name.AsSpan(collection.Length + 1), "D", out id);
    }

    /// <summary>The instant in storable form; <paramref name="now"/> when unset.</summary>
    public static DateTimeOffset Instant(this List<FieldProblem> problems, string field, Timestamp? value, DateTimeOffset now)
    {
        if (value is null)
        {
            return now;
        }
        // 0001 to 9999 is what both .NET and the well-known type hold; PostgreSQL holds more.
        if (value.Seconds is < -62135596800 or > 253402300799 || value.Nanos is < 0 or > 999_999_999)
        {
            problems.Add(new(field, "must be a valid timestamp"));
            return now;
        }
        var instant = value.ToDateTimeOffset().ToStorable();
        if (instant > now + ClockTolerance)
        {
            problems.Add(new(field, $"must not be more than {ClockTolerance.TotalMinutes:0} minutes in the future"));
        }
        return instant;
    }

    /// <summary>When something happened, in storable form: from 1970 on, for what is before was never set; <paramref name="now"/> when unset.</summary>
    public static DateTimeOffset OccurTime(this List<FieldProblem> problems, string field, Timestamp? value, DateTimeOffset now)
    {
        var instant = problems.Instant(field, value, now);
        if (instant < DateTimeOffset.UnixEpoch)
        {
            problems.Add(new(field, "must not be before 1970"));
        }
        return instant;
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex KebabCasePattern();
}
