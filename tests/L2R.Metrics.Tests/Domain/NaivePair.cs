using L2R.Ledger.Domain;
using L2R.Metrics.Domain;

namespace L2R.Metrics.Tests.Domain;

/// <summary>The reference for one pair of stages.</summary>
static class NaivePair
{
    /// <param name="starts">Journeys in the group by R of the first stage.</param>
    /// <param name="arrivals">Journeys in the group by R of the second.</param>
    public static void Describe(
        Figures figures, WaterfallQuery query, Stage from, Stage to, List<NaiveJourney> starts, List<NaiveJourney> arrivals)
    {
        var name = $"{from}>{to}";
        DateTimeOffset R(NaiveJourney journey, Stage stage) => journey.Reach(stage)!.OccurredAt;

        var above = starts.Where(journey => journey.Reach(Stage.Lead)!.To > from).ToList();
        var cohort = starts.Except(above).ToList();
        var converted = cohort.Where(journey => journey.Reach(to) is not null).ToList();
        var ended = cohort.Except(converted).Where(journey => journey.End is not null).ToList();
        var open = cohort.Except(converted).Except(ended).ToList();
        figures.Count($"{name} cohort", cohort.Count);
        figures.Count($"{name} started above", above.Count);
        figures.Count($"{name} to date", converted.Count);
        figures.Count($"{name} open", open.Count);
        figures.Share($"{name} rate to date", converted.Count, cohort.Count);
        figures.Share($"{name} flow ratio", arrivals.Count, starts.Count);

        foreach (var h in query.Horizons)
        {
            var mature = cohort.Where(journey => R(journey, from) + h <= query.AsOf).ToList();
            var within = mature.Count(journey => journey.Reach(to) is not null && R(journey, to) - R(journey, from) <= h);
            figures.Count($"{name} {h} mature", mature.Count);
            figures.Count($"{name} {h} converted", within);
            figures.Count($"{name} {h} immature", cohort.Count - mature.Count);
            figures.Share($"{name} {h} rate", within, mature.Count);
        }

        // Each journey of the cohort: how long, and what then.
        List<(double Days, char Fate)> lives =
        [
            .. converted.Select(journey => ((R(journey, to) - R(journey, from)).TotalDays, 'c')),
            .. ended.Select(journey => ((journey.End!.OccurredAt - R(journey, from)).TotalDays, 'e')),
            .. open.Select(journey => ((query.AsOf - R(journey, from)).TotalDays, 'o')),
        ];
        foreach (var time in query.CurveTimes)
        {
            Curve(figures, $"{name} F({time})", lives, time.TotalDays);
        }

        Velocity(figures, $"{name} cohort velocity", starts, from, to);
        Velocity(figures, $"{name} throughput velocity", arrivals, from, to);
    }

    static void Curve(Figures figures, string name, List<(double Days, char Fate)> lives, double t)
    {
        double N(double at) => lives.Count(life => life.Days >= at);
        double Events(double at) => lives.Count(life => life.Days == at && life.Fate != 'o');
        double Conversions(double at) => lives.Count(life => life.Days == at && life.Fate == 'c');
        List<double> instants = [.. lives.Where(life => life.Fate != 'o').Select(life => life.Days).Distinct()];
        double SBefore(double at) => instants.Where(tj => tj < at).Aggregate(1.0, (s, tj) => s * (1 - (Events(tj) / N(tj))));
        double F(double at) => instants.Where(tj => tj <= at).Sum(tj => SBefore(tj) * Conversions(tj) / N(tj));

        figures.Count($"{name} at risk", (decimal)N(t));
        if (lives.Count == 0)
        {
            return;
        }
        double variance = 0;
        foreach (var tj in instants.Where(instant => instant <= t))
        {
            var (n, d, events, s, f) = (N(tj), Conversions(tj), Events(tj), SBefore(tj), F(t) - F(tj));
            variance += n == events ? 0 : f * f * events / (n * (n - events));
            variance += (s * s * d * (n - d) / Math.Pow(n, 3)) - (2 * f * s * d / (n * n));
        }
        figures.Value(name, F(t));
        figures.Value($"{name} variance", variance);
    }

    static void Velocity(Figures figures, string name, List<NaiveJourney> journeys, Stage from, Stage to)
    {
        var seconds = journeys
            .Where(journey => journey.Reach(from)?.To == from && journey.Reach(to)?.To == to)
            .Select(journey => (journey.Reach(to)!.OccurredAt - journey.Reach(from)!.OccurredAt).TotalSeconds)
            .Order()
            .ToList();
        double Percentile(double p)
        {
            var row = 1 + (p * (seconds.Count - 1)); // as PostgreSQL counts: rows from 1
            var (floor, ceiling) = (Math.Floor(row), Math.Ceiling(row));
            return floor == ceiling
                ? seconds[(int)row - 1]
                : ((ceiling - row) * seconds[(int)floor - 1]) + ((row - floor) * seconds[(int)ceiling - 1]);
        }

        figures.Count($"{name} out of order", journeys.Count(journey => journey.IsOutOfOrder(from, to)));
        figures.Count($"{name} n", seconds.Count);
        if (seconds.Count > 0)
        {
            figures.Value($"{name} mean", seconds.Average());
            figures.Value($"{name} median", Percentile(0.5));
            figures.Value($"{name} p75", Percentile(0.75));
            figures.Value($"{name} p90", Percentile(0.9));
        }
    }
}
