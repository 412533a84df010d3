using L2R.Ledger.Domain;
using L2R.Metrics.Domain.Diagnosis;
using L2R.Metrics.Domain.Statistics;

namespace L2R.Metrics.Domain.Planning;

/// <summary>A question for the revenue to come from what is open.</summary>
/// <param name="Scope">Its time is that of the history; its filters hold for what is open too.</param>
/// <param name="Ahead">Over 0.</param>
/// <param name="Currency">Wins in others are left out, and counted.</param>
public sealed record OutlookQuery(JourneyScope Scope, TimeSpan Ahead, string Currency);

/// <summary>What is to come.</summary>
/// <param name="Wins">Expected, Σp.</param>
/// <param name="WinVariance">Σp(1 − p).</param>
/// <param name="Amount">Expected, a·Σp.</param>
/// <param name="AmountVariance">Σ p·(var(a) + a²) − p²a².</param>
public readonly record struct Expected(double Wins, double WinVariance, double Amount, double AmountVariance)
{
    /// <summary>95%, by the normal approximation; not below 0.</summary>
    public Interval WinInterval => Around(Wins, WinVariance);

    /// <summary>As above.</summary>
    public Interval AmountInterval => Around(Amount, AmountVariance);

    public static Expected operator +(Expected left, Expected right) => new(
        left.Wins + right.Wins, left.WinVariance + right.WinVariance, left.Amount + right.Amount, left.AmountVariance + right.AmountVariance);

    public static Expected operator *(Expected one, int count) =>
        new(one.Wins * count, one.WinVariance * count, one.Amount * count, one.AmountVariance * count);

    static Interval Around(double mean, double variance) =>
        new(Math.Max(0, mean - (Interval.Z * Math.Sqrt(variance))), mean + (Interval.Z * Math.Sqrt(variance)));
}

/// <param name="Open">Journeys whose highest stage this is, neither won nor ended.</param>
/// <param name="Unestimated">Of them those at whose age fewer than <see cref="CurveQuantiles.Enough"/> of the history stood there, or nobody was followed beyond it.</param>
/// <param name="History">At risk at the stage.</param>
/// <param name="Average">Won amount per won journey of the history. Null where none is won.</param>
/// <param name="Expected">Null where there are open journeys and all are unestimated.</param>
public sealed record StageOutlook(Stage Stage, long Open, long Unestimated, long History, long Won, decimal? Average, Expected? Expected);

/// <param name="Stages">LEAD to OPPORTUNITY.</param>
/// <param name="LeftOut">Wins of the history in other currencies.</param>
public sealed record OutlookAnswer(IReadOnlyList<StageOutlook> Stages, long WithoutAmount, IReadOnlyDictionary<string, decimal> LeftOut)
{
    public long Open => Stages.Sum(stage => stage.Open);

    public long Unestimated => Stages.Sum(stage => stage.Unestimated);

    /// <summary>Over all stages. Null where there are open journeys and all are unestimated.</summary>
    public Expected? Total => Open > 0 && Open == Unestimated ? null : Stages.Aggregate(default(Expected), (sum, stage) => sum + (stage.Expected ?? default));

    /// <summary>In a sentence.</summary>
    public string Summary(OutlookQuery query)
    {
        var time = Plain.Days(query.Ahead);
        if (Open == 0)
        {
            return "Nothing is open.";
        }
        if (Total is not { } total)
        {
            return Plain.Text($"Not enough data: too few journeys stood so long at a stage to say what comes of the {Open:#,0} that are open.");
        }
        var (low, high) = (Plain.Amount((decimal)total.AmountInterval.Low, query.Currency), Plain.Amount((decimal)total.AmountInterval.High, query.Currency));
        var rest = Unestimated > 0 ? Plain.Text($" Of {Unestimated:#,0} the history says nothing: too few stood at their stage so long.") : "";
        return Plain.Text($"The {Open:#,0} open journeys are expected to bring {total.Wins:#,0.#} wins and {Plain.Amount((decimal)total.Amount, query.Currency)} within {time} ({low} to {high} with 95%).{rest}");
    }
}

/// <summary>Looks ahead, from the facts of one journey after the other.</summary>
/// <remarks>
/// Sixteen bytes for each stage that a journey reached, and one pass over them for each age of what is open there; where there are more than
/// <see cref="MostAges"/>, journeys of like age are taken together.
/// </remarks>
public sealed class RevenueOutlook(OutlookQuery query) : IGathering<RevenueOutlook>
{
    /// <summary>Of a stage: the ages at which the history is asked.</summary>
    public const int MostAges = 100;

    static readonly Stage[] OpenStages = [.. Stages.Waterfall.Where(stage => stage < Stage.ClosedWon)];

    readonly Side[] _stages = [.. OpenStages.Select(_ => new Side())];
    readonly SortedDictionary<string, decimal> _leftOut = new(StringComparer.Ordinal);
    long _withoutAmount;

    /// <param name="journey">Folded at the query's as_of and known_at.</param>
    public void Add(JourneyFacts journey)
    {
        if (!query.Scope.Selects(journey))
        {
            return;
        }
        AddHistory(journey);
        var isWon = journey.Reach(Stage.ClosedWon) is not null;
        if (!isWon && journey.EndedAt is null && OpenStages.Last(stage => journey.Reach(stage) is not null) is var highest
            && journey.Reach(highest) is { } reached && query.Scope.Matches(journey, reached.Values))
        {
            _stages[(int)highest].Ages.Add((query.Scope.AsOf - reached.At).Ticks);
        }
    }

    /// <summary>Adds what others counted.</summary>
    public void Add(RevenueOutlook other)
    {
        foreach (var (own, others) in _stages.Zip(other._stages))
        {
            own.Add(others);
        }
        _leftOut.AddAll(other._leftOut);
        _withoutAmount += other._withoutAmount;
    }

    public OutlookAnswer ToAnswer() => new([.. OpenStages.Select(stage => _stages[(int)stage].ToOutlook(stage, query.Ahead))], _withoutAmount, _leftOut);

    void AddHistory(JourneyFacts journey)
    {
        decimal? amount = null; // taken once, for each win is counted
        foreach (var stage in OpenStages.Where(stage => journey.StartedAt <= stage && query.Scope.Reach(journey, stage) is not null))
        {
            amount ??= Won(journey);
            var side = _stages[(int)stage];
            side.Past.Add(journey, stage, query.Scope.AsOf);
            side.Amount += amount.Value;
            side.SquaredAmounts += (double)amount * (double)amount;
        }
    }

    decimal Won(JourneyFacts journey)
    {
        var sum = 0m;
        foreach (ref readonly var win in journey.StaySpan)
        {
            if (win.Stage != Stage.ClosedWon)
            {
                continue;
            }
            if (win is not { Amount: { } amount, Currency: { } currency })
            {
                _withoutAmount++;
            }
            else if (currency == query.Currency)
            {
                sum += amount;
            }
            else
            {
                _leftOut[currency] = _leftOut.GetValueOrDefault(currency) + amount;
            }
        }
        return sum;
    }

    sealed class Side
    {
        public Landmarks Past { get; } = new();

        /// <summary>Of what is open, in ticks.</summary>
        public List<long> Ages { get; } = [];

        public decimal Amount { get; set; }

        public double SquaredAmounts { get; set; }

        public void Add(Side other)
        {
            Past.Add(other.Past);
            Ages.AddRange(other.Ages);
            Amount += other.Amount;
            SquaredAmounts += other.SquaredAmounts;
        }

        public StageOutlook ToOutlook(Stage stage, TimeSpan ahead)
        {
            var won = Past.Won;
            var average = won == 0 ? 0 : (double)Amount / won;
            var variance = won < 2 ? 0 : Math.Max(0, SquaredAmounts - (won * average * average)) / (won - 1);
            var oldest = Past.OldestOf(CurveQuantiles.Enough);
            var known = Ages.Where(age => age <= oldest).Order().ToList();
            var (expected, unestimated) = (default(Expected), (long)Ages.Count - known.Count);
            foreach (var ages in known.Chunk(Math.Max(1, (known.Count + MostAges - 1) / MostAges)))
            {
                if (Past.Chance(ages[(ages.Length - 1) / 2], ahead.Ticks) is not { } p)
                {
                    unestimated += ages.Length;
                    continue;
                }
                var each = new Expected(p, p * (1 - p), p * average, (p * (variance + (average * average))) - (p * p * average * average));
                expected += each * ages.Length;
            }
            return new(
                stage, Ages.Count, unestimated, Past.Count, won, won == 0 ? null : Amount / won,
                Ages.Count > 0 && unestimated == Ages.Count ? null : expected);
        }
    }
}
