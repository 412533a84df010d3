namespace L2R.Metrics.Domain;

/// <summary>By what journeys can be told apart. Null means unknown.</summary>
public sealed record Dimensions
{
    // Before None, which is made with it.
    public static IReadOnlyDictionary<string, string> NoCustom { get; } = new Dictionary<string, string>();

    public static Dimensions None { get; } = new();

    public string? Channel { get; init; }
    public string? Source { get; init; }
    public string? Campaign { get; init; }
    public string? Segment { get; init; }
    public string? Region { get; init; }
    public string? Owner { get; init; }
    public string? Team { get; init; }
    public string? Product { get; init; }

    /// <summary>new, expansion, renewal or win-back.</summary>
    public string? Motion { get; init; }

    /// <summary>The policy version that decided the row: each row's own, it is not carried on to the next.</summary>
    public string? PolicyVersion { get; init; }

    /// <summary>The tenant's own dimensions by name.</summary>
    public IReadOnlyDictionary<string, string> Custom { get; init; } = NoCustom;

    /// <summary>The values that count for dimensions of one kind.</summary>
    public Dimensions Of(DimensionKind kind) => kind switch
    {
        DimensionKind.Origin => new() { Channel = Channel, Source = Source, Campaign = Campaign, Motion = Motion, Custom = Custom },
        DimensionKind.AtEntry => new() { Owner = Owner, Team = Team, Product = Product, PolicyVersion = PolicyVersion, Custom = Custom },
        _ => new() { Segment = Segment, Region = Region, Custom = Custom },
    };

    /// <summary>These values, and those of <paramref name="earlier"/> where these are unknown.</summary>
    public Dimensions Over(Dimensions earlier)
    {
        if (ReferenceEquals(earlier, None))
        {
            return this;
        }
        if (ReferenceEquals(this, earlier) || (ReferenceEquals(this, None) && earlier.PolicyVersion is null))
        {
            return earlier;
        }
        return new Dimensions
        {
            Channel = Channel ?? earlier.Channel,
            Source = Source ?? earlier.Source,
            Campaign = Campaign ?? earlier.Campaign,
            Segment = Segment ?? earlier.Segment,
            Region = Region ?? earlier.Region,
            Owner = Owner ?? earlier.Owner,
            Team = Team ?? earlier.Team,
            Product = Product ?? earlier.Product,
            Motion = Motion ?? earlier.Motion,
            PolicyVersion = PolicyVersion,
            Custom = Over(Custom, earlier.Custom),
        };
    }

    /// <summary>The tenant's own values, and the earlier ones of what these do not name.</summary>
    public static IReadOnlyDictionary<string, string> Over(IReadOnlyDictionary<string, string> custom, IReadOnlyDictionary<string, string> earlier) =>
        custom.Count == 0 ? earlier
        : earlier.Count == 0 ? custom
        : new Dictionary<string, string>([.. earlier.Where(pair => !custom.ContainsKey(pair.Key)), .. custom]);
}

/// <summary>Compares by every value, the tenant's own dimensions included: as a record it takes two equal sets of those for different.</summary>
sealed class DimensionsComparer : IEqualityComparer<Dimensions>
{
    public static DimensionsComparer Instance { get; } = new();

    public bool Equals(Dimensions? x, Dimensions? y) =>
        ReferenceEquals(x, y)
        || (x is not null && y is not null
            && x.Channel == y.Channel && x.Source == y.Source && x.Campaign == y.Campaign && x.Motion == y.Motion
            && x.Owner == y.Owner && x.Team == y.Team && x.Product == y.Product && x.PolicyVersion == y.PolicyVersion
            && x.Segment == y.Segment && x.Region == y.Region
            && (ReferenceEquals(x.Custom, y.Custom)
                || (x.Custom.Count == y.Custom.Count
                    && x.Custom.All(pair => y.Custom.TryGetValue(pair.Key, out var value) && value == pair.Value))));

    public int GetHashCode(Dimensions values) => HashCode.Combine(
        HashCode.Combine(values.Channel, values.Source, values.Campaign, values.Motion, values.Segment, values.Region),
        HashCode.Combine(values.Owner, values.Team, values.Product, values.PolicyVersion),
        OfCustom(values.Custom));

    /// <summary>The same in whatever order the values are in.</summary>
    static int OfCustom(IReadOnlyDictionary<string, string> custom)
    {
        var sum = 0;
        foreach (var (name, value) in custom)
        {
            sum = unchecked(sum + HashCode.Combine(name, value));
        }
        return sum;
    }
}

/// <summary>Which of its values a dimension counts by.</summary>
public enum DimensionKind
{
    /// <summary>As the journey's first row has it.</summary>
    Origin,

    /// <summary>As known when the journey reached the stage; for stock, entered it. What is filled in later stays unknown there.</summary>
    AtEntry,

    /// <summary>As last known at the query's known_at.</summary>
    Current,
}

/// <summary>One dimension: its name, and which of its values counts.</summary>
public sealed record Dimension
{
    readonly Func<Dimensions, string?> _read;

    Dimension(string name, DimensionKind kind, Func<Dimensions, string?> read)
    {
        (Name, Kind, _read) = (name, kind, read);
    }

    public string Name { get; }

    public DimensionKind Kind { get; }

    public static Dimension Channel { get; } = new("channel", DimensionKind.Origin, values => values.Channel);
    public static Dimension Source { get; } = new("source", DimensionKind.Origin, values => values.Source);
    public static Dimension Campaign { get; } = new("campaign", DimensionKind.Origin, values => values.Campaign);
    public static Dimension Motion { get; } = new("motion", DimensionKind.Origin, values => values.Motion);
    public static Dimension Owner { get; } = new("owner", DimensionKind.AtEntry, values => values.Owner);
    public static Dimension Team { get; } = new("team", DimensionKind.AtEntry, values => values.Team);
    public static Dimension Product { get; } = new("product", DimensionKind.AtEntry, values => values.Product);
    public static Dimension PolicyVersion { get; } = new("policy_version", DimensionKind.AtEntry, values => values.PolicyVersion);
    public static Dimension Segment { get; } = new("segment", DimensionKind.Current, values => values.Segment);
    public static Dimension Region { get; } = new("region", DimensionKind.Current, values => values.Region);

    /// <summary>Every dimension that L2R itself knows.</summary>
    public static IReadOnlyList<Dimension> Known { get; } =
        [Channel, Source, Campaign, Motion, Owner, Team, Product, PolicyVersion, Segment, Region];

    /// <summary>A dimension of the tenant's own.</summary>
    public static Dimension Custom(string name, DimensionKind kind = DimensionKind.Current) =>
        new(name, kind, values => values.Custom.GetValueOrDefault(name));

    /// <summary>Two are the same where their names and kinds are.</summary>
    public bool Equals(Dimension? other) => other is not null && Name == other.Name && Kind == other.Kind;

    public override int GetHashCode() => HashCode.Combine(Name, Kind);

    /// <param name="values">Those of this dimension's kind.</param>
    public string? Read(Dimensions values) => _read(values);

    /// <param name="atEntry">The values as known at the entry that is being counted.</param>
    /// <returns>Null where the value is unknown.</returns>
    public string? ValueOf(JourneyFacts journey, Dimensions atEntry) => _read(Kind switch
    {
        DimensionKind.Origin => journey.Origin,
        DimensionKind.AtEntry => atEntry,
        _ => journey.Current,
    });
}
