using System.Globalization;
using L2R.Cli.Waterfalls;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Practice;

/// <summary>Reviews as a person reads them.</summary>
static class ReviewTable
{
    const string Prefix = "reviews/";
    const int LongestOwner = 14;
    const int LongestName = 22;

    /// <param name="all">Those that are closed too.</param>
    public static IEnumerable<string> ToLines(IReadOnlyCollection<Review> reviews, string? tenant, bool all)
    {
        if (reviews.Count == 0)
        {
            var whose = tenant is null ? "the token's tenant" : $"tenant {tenant}";
            return [all ? $"No reviews of {whose}: triggers open them." : $"No reviews of {whose} wait for a decision; --all shows those that are closed too."];
        }
        var table = new TextTable("review", "state", "due", "owner", "what");
        foreach (var review in reviews)
        {
            table.Add(Id(review), State(review), Day(review.DueDate), TargetTable.Cut(review.Owner, LongestOwner), TargetTable.Cut(review.DisplayName, LongestName));
        }
        return table.ToLines();
    }

    /// <summary>One review with all that there is to say.</summary>
    public static IEnumerable<string> ToLines(Review review)
    {
        yield return $"{review.DisplayName}: {State(review)}, due {Day(review.DueDate)}, {review.Owner} answers for it";
        foreach (var item in review.Agenda)
        {
            yield return $"- {item.Sentence}";
        }
        if (review.State == ReviewState.Closed)
        {
            yield return $"Decision of {review.CloseTime.ToDateTimeOffset().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} ({review.Closer}): {review.Decision}";
            yield return $"Trade-off: {review.TradeOff}";
            yield return $"Next review: {Day(review.NextReviewDate)}";
        }
    }

    /// <summary>A resource name of what a person typed: with its collection or without.</summary>
    public static string Name(string typed) => typed.StartsWith(Prefix, StringComparison.Ordinal) ? typed : Prefix + typed;

    /// <exception cref="FormatException">It is no day.</exception>
    public static Date ReadDay(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new Date { Year = day.Year, Month = day.Month, Day = day.Day }
            : throw new FormatException($"a day such as 2026-03-31; not '{text}'");

    static string Id(Review review) => review.Name[Prefix.Length..];

    static string State(Review review) => review.State.ToString().ToLowerInvariant();

    static string Day(Date date) => string.Create(CultureInfo.InvariantCulture, $"{date.Year:0000}-{date.Month:00}-{date.Day:00}");
}
