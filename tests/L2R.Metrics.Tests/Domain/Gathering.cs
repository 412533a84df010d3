using L2R.Metrics.Domain;
using L2R.Metrics.Domain.Columns;

namespace L2R.Metrics.Tests.Domain;

/// <summary>Gathers from journeys as a machine of three processors may: whichever has a journey, and those of one lead apart.</summary>
static class Gathering
{
    public static T Gather<T>(this IEnumerable<JourneyFacts> journeys, Func<T> create)
        where T : IGathering<T>
    {
        T[] parts = [create(), create(), create()];
        foreach (var (index, journey) in journeys.Index())
        {
            parts[index % parts.Length].Add(journey);
        }
        parts[1].Add(parts[2]);
        parts[0].Add(parts[1]);
        return parts[0];
    }

    /// <summary>The journeys as known at an instant, those of each lead in a chunk of their own.</summary>
    public static JourneyColumns Columns(this IEnumerable<Transition> rows, DateTimeOffset knownAt)
    {
        var columns = new LedgerColumns();
        return columns.Current.With([.. rows.Where(row => row.RecordedAt <= knownAt).GroupBy(row => row.LeadId)
            .Select(lead => new FoldedLead(
                lead.Key, Fold.Lead(lead, DateTimeOffset.MaxValue, knownAt), lead.Min(row => row.RecordedAt), lead.Max(row => row.RecordedAt)))
            .SelectMany(lead => columns.Beside([lead]))]);
    }

    /// <summary>Those of a random ledger, as known at the instant of its question.</summary>
    public static JourneyColumns Columns(this RandomCase given)
    {
        var columns = new LedgerColumns();
        var leads = given.News().Where(news => news.At <= given.Query.KnownAt).Select(news => news.Lead).Distinct();
        return columns.Current.With([.. given.FoldedAt(leads, given.Query.KnownAt).SelectMany(lead => columns.Beside([lead]))]);
    }

    public static CohortAnswer Ask(this JourneyColumns journeys, CohortQuery query) =>
        Cohorts.Answer(journeys, query, Workers.One, CancellationToken.None).Answer;
}
