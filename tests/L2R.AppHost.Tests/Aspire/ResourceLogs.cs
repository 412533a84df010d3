namespace L2R.AppHost.Tests.Aspire;

static class ResourceLogs
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Reads until all is there that is wanted: a log has no end before that of its application.</summary>
    /// <returns>The lines without the times at which they came.</returns>
    public static async Task<IReadOnlyList<string>> ReadUntilAsync(this IAsyncEnumerable<IReadOnlyList<LogLine>> log, Func<IReadOnlyList<string>, bool> isWanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(Patience);
        List<string> content = [];
        try
        {
            await foreach (var lines in log.WithCancellation(limit.Token))
            {
                content.AddRange(lines.Select(line => line.Content[(line.Content.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
                if (isWanted(content))
                {
                    return content;
                }
            }
        }
        catch (OperationCanceledException) when (!Cancelled.IsCancellationRequested)
        {
            // Its time is over.
        }
        Assert.Fail($"This is all of the log: {string.Join(Environment.NewLine, content)}");
        return content;
    }
}
