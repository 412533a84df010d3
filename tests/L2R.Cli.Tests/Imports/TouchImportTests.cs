using System.Text.Json;
using System.Text.RegularExpressions;
using L2R.Intake.V1;
using L2R.Ledger.V1;

namespace L2R.Cli.Tests.Imports;

/// <summary><c>import --touchpoints</c> against a service that answers.</summary>
public sealed partial class TouchImportTests : IDisposable
{
    const string Header = "lead,occurred_at,kind,channel,campaign,cost,currency";

    readonly TempCheckout _temp = new();

    public void Dispose() => _temp.Dispose();

    Task<int> ImportAsync(FakeStack stack, string[] lines, params string[] options) =>
        _temp.RunAsync(["import", _temp.Write("touches.csv", string.Join('\n', lines)), "--touchpoints", "--gateway", stack.Address, "--token", "secret", .. options]);

    string[] Said() => [.. _temp.Output.ToString().TrimEnd().Split('\n').Select(line => Figures().Replace(line, "N"))];

    [Fact]
    public async Task Each_touch_is_the_so_many_th_of_its_lead_with_its_cost()
    {
        await using var stack = await FakeStack.StartAsync();

        var code = await ImportAsync(stack, [Header, "a,2026-01-01T10:00:00Z,visit,ads,spring,1.50,EUR", "b,2026-01-01T11:00:00Z,,,,,", "a,2026-01-02T10:00:00+01:00,visit,mail,,,"], "--batch", "2");

        Assert.Equal(0, code);
        Assert.Equal([2, 1], stack.Touches.Select(batch => batch.Touchpoints.Count));
        Assert.All(stack.Touches, batch => Assert.Equal(("plain", false), (batch.Source, batch.Correct)));
        var touches = stack.Touches.SelectMany(batch => batch.Touchpoints).ToList();
        Assert.Equal(
            [(2L, "a", 0L, "ads"), (3L, "b", 0L, ""), (4L, "a", 1L, "mail")],
            touches.Select(touch => (touch.Line, touch.SourceKey, touch.SourceSeq, touch.Channel)));
        Assert.Equal(new() { CurrencyCode = "EUR", Units = 1, Nanos = 500_000_000 }, touches[0].Cost);
        Assert.Equal((null, new DateTimeOffset(2026, 1, 2, 9, 0, 0, TimeSpan.Zero)), (touches[2].Cost, touches[2].OccurTime.ToDateTimeOffset()));
        Assert.Equal("3 rows stored, 0 unchanged, 0 corrected, 0 rejected; 2 leads", Said()[^2]);
    }

    [Fact]
    public async Task What_is_refused_here_or_there_is_listed_in_the_order_of_the_lines()
    {
        await using var stack = await FakeStack.StartAsync();
        stack.TouchAnswers.Enqueue(new ImportTouchpointsResponse { StoredCount = 1, Rejects = { new ImportReject { Line = 3, Reason = "KEY_REUSED", Message = "other content" } } });

        var code = await ImportAsync(
            stack, [Header, "a,yesterday,visit,ads,,,", "a,2026-01-01T10:00:00Z,visit,ads,,,", ",2026-01-01T10:00:00Z,visit,ads,,-1,EUR", "b,x", "c,2026-01-01T10:00:00Z,,,,1,"],
            "--json");

        Assert.Equal(3, code);
        Assert.Equal(1, stack.Touches.Single().Touchpoints.Single().SourceSeq); // the broken line before it keeps its number
        var report = JsonDocument.Parse(_temp.Output.ToString()).RootElement;
        Assert.Equal((5, 1, 5, 1), (Number("rows"), Number("sent"), Number("rejected"), Number("leads")));
        Assert.Equal(
            [
                "2 LINE_INVALID occurred_at must be a time with its offset, as in 2026-01-31T12:00:00.000+01:00, not 'yesterday'",
                "3 KEY_REUSED other content",
                "4 LINE_INVALID lead is empty; cost must not be negative, and is -1",
                "5 LINE_INVALID the line has 2 fields where the header has 7",
                "6 LINE_INVALID currency must be an ISO 4217 code such as EUR, not ''",
            ],
            report.GetProperty("rejects").EnumerateArray().Select(reject => $"{reject.GetProperty("line")} {reject.GetProperty("reason")} {reject.GetProperty("message")}"));

        int Number(string name) => report.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task A_map_may_name_the_touch_s_own_key_and_nothing_is_sent_to_try_it()
    {
        await using var stack = await FakeStack.StartAsync();
        var map = _temp.Write("map.json", """
            {
              "source": "crm",
              "columns": { "lead_key": "contact", "touch_key": "id", "occurred_at": "at", "engagement": "acted" },
              "constants": { "channel": "mail" }
            }
            """);

        Assert.Equal(3, await ImportAsync(stack, ["contact,id,at,acted", "a,t1,2026-01-01T10:00:00Z,true", "a,,2026-01-01T10:00:00Z,perhaps"], "--map", map, "--dry-run"));
        Assert.Equal(
            ["2 rows of 1 lead, 1 rejected; nothing was sent", "line 3: LINE_INVALID: id is empty; acted must be true or false, not 'perhaps'"],
            Said().SkipWhile(line => line.StartsWith("l2r:", StringComparison.Ordinal)).Take(2));
        Assert.Empty(stack.Touches);

        Assert.Equal(0, await ImportAsync(stack, ["contact,id,at,acted", "a,t1,2026-01-01T10:00:00Z,true"], "--map", map, "--source", "crm-eu", "--correct"));
        var (batch, touch) = (stack.Touches.Single(), stack.Touches.Single().Touchpoints.Single());
        Assert.Equal(("crm-eu", true, "t1", 0L, "a", "mail", true), (batch.Source, batch.Correct, touch.SourceKey, touch.SourceSeq, touch.LeadKey, touch.Channel, touch.Engagement));
    }

    [Fact]
    public async Task A_map_of_moves_is_none_of_touches()
    {
        await using var stack = await FakeStack.StartAsync();
        var map = _temp.Write("map.json", """{ "source": "crm", "columns": { "lead_key": "a", "occurred_at": "b", "stage": "c" } }""");

        Assert.Equal(1, await ImportAsync(stack, [Header], "--map", map));

        Assert.Contains("'stage' is none of the fields lead_key, touch_key, occurred_at", _temp.Errors.ToString(), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\d+\.\d s|[\d,]+ rows/s")]
    private static partial Regex Figures();
}
