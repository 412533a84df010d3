namespace L2R.Metrics.Domain;

/// <summary>How the credit for a win is shared among its touches.</summary>
public enum AttributionModel
{
    FirstTouch,
    LastTouch,
    Linear,

    /// <summary>40% to the first, 40% to the last, 20% to those between.</summary>
    UShaped,

    /// <summary>30% each to the first touch, the last one up to MQL and the last one up to the opportunity; 10% to the others.</summary>
    WShaped,

    /// <summary>By 2^(−Δt/half-life), Δt the time from the touch to the win.</summary>
    TimeDecay,

    /// <summary>By the removal effects of the values that touched it, in a Markov chain of order 1 over all paths.</summary>
    Markov,
}

/// <summary>What the credits are shown by.</summary>
public enum AttributionKey
{
    Channel,
    Campaign,
}

/// <summary>A question about what brought the wins.</summary>
public sealed record AttributionQuery
{
    /// <summary>A.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>K.</summary>
    public required DateTimeOffset KnownAt { get; init; }

    /// <summary>The first instant at which a win counts. Null: since ever.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The first instant at which a win does not count any more. Null: up to <see cref="AsOf"/>.</summary>
    public DateTimeOffset? To { get; init; }

    public AttributionKey By { get; init; }

    public required IReadOnlyList<AttributionModel> Models { get; init; }

    /// <summary>How long before the close a touch still counts; over 0.</summary>
    public TimeSpan Lookback { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Of TimeDecay; over 0.</summary>
    public TimeSpan HalfLife { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many values an answer may have.</summary>
    public int MaxValues { get; init; } = 500;

    /// <summary>No earlier touch can count.</summary>
    public DateTimeOffset TouchesFrom => From is { } from && from - DateTimeOffset.UnixEpoch > Lookback ? from - Lookback : DateTimeOffset.UnixEpoch;

    public bool Contains(DateTimeOffset instant) => instant >= (From ?? DateTimeOffset.MinValue) && instant < (To ?? DateTimeOffset.MaxValue);
}

/// <summary>What one value is credited with.</summary>
/// <param name="Value">Null means unknown.</param>
/// <param name="WinNanos">Billionths of a win.</param>
/// <param name="Amounts">By currency, exact to the billionth.</param>
public sealed record Credit(string? Value, long WinNanos, IReadOnlyDictionary<string, decimal> Amounts);

/// <param name="Credits">By value, unknown first. Every value that touched a win, also with no credit.</param>
public sealed record ModelCredits(AttributionModel Model, IReadOnlyList<Credit> Credits);

/// <param name="Value">Null means unknown.</param>
/// <param name="Share">1 − P(win without the value) / P(win), from 0 to 1.</param>
public sealed record RemovalEffect(string? Value, double Share);

/// <summary>What brought the wins.</summary>
/// <param name="Wins">Won opportunities of the period.</param>
/// <param name="WonAmounts">Theirs, by currency.</param>
/// <param name="WithoutAmount">Of the wins.</param>
/// <param name="Untouched">Wins without a touch within the lookback: nobody is credited with them.</param>
/// <param name="UntouchedAmounts">Theirs, by currency.</param>
/// <param name="Nonconverting">Paths of touches that led to no win: journeys ended within the period, or open at A.</param>
/// <param name="RemovalEffects">By value, unknown first. Empty where Markov isn't asked for.</param>
public sealed record AttributionAnswer(
    long Wins,
    IReadOnlyDictionary<string, decimal> WonAmounts,
    long WithoutAmount,
    long Untouched,
    IReadOnlyDictionary<string, decimal> UntouchedAmounts,
    long Nonconverting,
    IReadOnlyList<ModelCredits> Models,
    IReadOnlyList<RemovalEffect> RemovalEffects);
