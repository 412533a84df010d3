using System.Globalization;
using System.Text.RegularExpressions;
using L2R.Ledger.Domain;
using L2R.Messaging;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.Metrics.Tests.Domain;
using L2R.Operations;
using L2R.ServiceDefaults;
using L2R.TestSupport;
using Npgsql;
using Xunit;

namespace L2R.Metrics.Tests.Storage;

/// <summary>What BI tools read: the figures of the rpcs, of one tenant, and nothing else.</summary>
[Trait("needs", "postgres")]
public sealed partial class ReportingTests : IAsyncLifetime
{
    static readonly string[] Columns = ["lead", "mql", "sal", "sql", "opportunity"];

    readonly List<(string Role, NpgsqlDataSource Source)> _logins = [];
    TestDatabase _database = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _database = await TestDatabase.CreateAsync(typeof(OutboxWriter).Assembly, typeof(OperationsSetup).Assembly, typeof(LedgerStore).Assembly);

    public async ValueTask DisposeAsync()
    {
        foreach (var (role, source) in _logins)
        {
            await source.DisposeAsync();
            await AdminAsync($"DROP ROLE {role}");
        }
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("handmade")]
    [InlineData("loans")]
    [InlineData("loans, opportunities named")]
    [InlineData("seed 3")]
    [InlineData("seed 5")]
    public async Task Every_journey_and_every_month_is_as_the_service_answers(string ledger)
    {
        var rows = Rows(ledger);
        await AppendAsync("acme", rows);
        await AppendAsync("other", [.. HandmadeTests.Ledger.Take(10).Select(row => row with { TransitionId = Guid.NewGuid() })]);
        var versions = ledger.StartsWith("seed", StringComparison.Ordinal) ? await SayOfLeadsAsync(rows) : [];
        var now = TimeProvider.System.GetUtcNow();
        var journeys = rows.GroupBy(row => row.LeadId)
            .SelectMany(lead => Fold.Lead(lead, now, DateTimeOffset.MaxValue, versions.LastOrDefault(version => version.LeadId == lead.Key)))
            .ToList();
        var bi = await LoginAsync("acme");

        Assert.Equal(journeys.Select(Line).Order(StringComparer.Ordinal), (await ReadAsync(bi, "SELECT * FROM reporting.journeys", ReadJourney)).Order(StringComparer.Ordinal));
        Assert.Equal(
            journeys.SelectMany(journey => journey.Current.Custom.Select(own => $"{journey.JourneyId} {own.Key} {own.Value}")).Order(StringComparer.Ordinal),
            (await ReadAsync(bi, "SELECT journey_id, name, value FROM reporting.journey_custom", reader => $"{reader[0]} {reader[1]} {reader[2]}")).Order(StringComparer.Ordinal));
        var waterfall = new Waterfall(new() { AsOf = now, KnownAt = now, GroupBy = [Dimension.Channel], Periods = new(PeriodKind.Month, TimeZoneInfo.Utc) });
        journeys.ForEach(waterfall.Add);
        var reach = from answer in waterfall.ToAnswer().Groups
                    from stage in Stages.Waterfall
                    let volume = answer.Volumes[(int)stage]
                    where volume.Reach > 0
                    select $"{answer.Key.Period!.Name} {stage.Name()} {answer.Key.First ?? "unknown"} {volume.Reach} {volume.Inferred}";
        var months = await ReadAsync(bi, "SELECT month, stage, channel, reached_count, inferred_count FROM reporting.stage_reach_by_month", reader =>
            $"{reader["month"]} {reader["stage"]} {Text(reader, "channel") ?? "unknown"} {reader["reached_count"]} {reader["inferred_count"]}");
        Assert.Equal(reach.Order(StringComparer.Ordinal), months.Order(StringComparer.Ordinal));
        var won = waterfall.ToAnswer().Groups.SelectMany(group => group.Won).GroupBy(sum => sum.Key, sum => sum.Value);
        Assert.Equal(
            won.Select(sum => $"{sum.Key} {sum.Sum():0.####}").Order(),
            (await ReadAsync(bi, "SELECT currency, sum(amount) AS amount FROM reporting.wins WHERE currency IS NOT NULL GROUP BY 1", reader =>
                string.Create(CultureInfo.InvariantCulture, $"{reader["currency"]} {reader["amount"]:0.####}"))).Order());
    }

    [Fact]
    public async Task A_login_sees_its_own_tenant_whatever_it_sets_and_without_a_tenant_nothing()
    {
        await AppendAsync("acme", HandmadeTests.Ledger);
        await AppendAsync("other", [HandmadeTests.Ledger[0] with { TransitionId = Guid.NewGuid() }]);
        var (acme, other) = (await LoginAsync("acme"), await LoginAsync("other"));

        Assert.Equal([52L], await ReadAsync(acme, "SET l2r.tenant_id = 'other'; SELECT count(*) FROM reporting.transitions", reader => reader.GetInt64(0)));
        Assert.Equal([14L], await ReadAsync(acme, "SET l2r.tenant_id = 'other'; SELECT count(*) FROM reporting.journeys", reader => reader.GetInt64(0)));
        Assert.Equal(["1 1 0"], await ReadAsync(
            other,
            "SELECT (SELECT count(*) FROM reporting.transitions), (SELECT sum(reached_count) FROM reporting.stage_reach_by_month), (SELECT count(*) FROM reporting.wins)",
            reader => $"{reader[0]} {reader[1]} {reader[2]}"));
        foreach (var view in await ReadAsync(_database.Admin, "SELECT viewname FROM pg_views WHERE schemaname = 'reporting'", reader => reader.GetString(0)))
        {
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await FailAsync(await LoginAsync(tenant: null), $"SELECT * FROM reporting.{view}"));
        }
        // A condition of the reader's own that tells what it is given would otherwise be asked of other tenants' rows first.
        Assert.Empty(await ReadAsync(
            _database.Admin,
            "SELECT relname FROM pg_class WHERE relnamespace = 'reporting'::regnamespace AND relkind = 'v' AND NOT reloptions @> ARRAY['security_barrier=true']",
            reader => reader.GetString(0)));
    }

    [Theory]
    [InlineData("INSERT INTO reporting.readers VALUES (session_user, 'other')")]
    [InlineData("SELECT * FROM reporting.readers")]
    [InlineData("DELETE FROM reporting.transitions")]
    [InlineData("UPDATE reporting.wins SET amount = 0")]
    [InlineData("INSERT INTO reporting.journeys (journey_id) VALUES (gen_random_uuid())")]
    [InlineData("SELECT * FROM public.transitions")]
    [InlineData("SELECT * FROM public.settings")]
    [InlineData("SELECT public.l2r_tenants_with_due_triggers(now())")]
    [InlineData("SELECT public.l2r_forget_requests(now(), 1)")]
    [InlineData("CREATE TABLE reporting.mine (id int)")]
    [InlineData("CREATE TABLE public.mine (id int)")]
    [InlineData("CREATE TEMPORARY TABLE mine (id int)")]
    [InlineData("SET SESSION AUTHORIZATION postgres")]
    public async Task A_login_does_nothing_but_read_the_views(string sql) =>
        // Some views are none that PostgreSQL could write through: it says that first.
        Assert.Contains(
            await FailAsync(await LoginAsync("acme"), sql), (string[])[PostgresErrorCodes.InsufficientPrivilege, PostgresErrorCodes.ObjectNotInPrerequisiteState]);

    [Fact]
    public async Task Every_view_and_every_column_says_what_it_is() => Assert.Empty(await ReadAsync(
        _database.Admin,
        """
        SELECT c.relname || '.' || coalesce(a.attname, '') AS name
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'reporting'::regnamespace AND c.relkind IN ('v', 'r')
            AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)
        """,
        reader => reader.GetString(0)));

    [Fact]
    public async Task The_questions_of_the_document_have_answers()
    {
        await AppendAsync("acme", HandmadeTests.Ledger);
        var bi = await LoginAsync("acme");
        var questions = Question().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "reporting.md"), Cancelled));
        List<string[]> answers = [];
        foreach (Match question in questions)
        {
            answers.Add([.. await ReadAsync(bi, question.Groups[1].Value, reader => string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(column => reader[column])))]);
        }

        Assert.Equal(
            [
                ["2026-01 7 7 4 3", "2026-02 4 3 0 0", "2026-03 2 1 0 0"],
                ["unknown 4 1.00:00:00"],
                ["2026-02 EUR 2 1700.00", "2026-03 EUR 2 2500.00"],
            ],
            answers);
    }

    static IReadOnlyList<Transition> Rows(string ledger)
    {
        if (ledger.StartsWith("loans", StringComparison.Ordinal))
        {
            Assert.SkipWhen(Repository.Loans is null, "The loans data is not here: neither in L2R_DATA nor in shared/data beside the repository.");
            return [.. LoansTests.Ledger(ledger == "loans" ? LoansTests.Naming.None : LoansTests.Naming.Entries).Select(row => row with { OccurredAt = row.OccurredAt.ToUniversalTime() })];
        }
        if (ledger == "handmade")
        {
            return HandmadeTests.Ledger;
        }
        var random = new Random(int.Parse(ledger["seed ".Length..], CultureInfo.InvariantCulture));
        return [.. Enumerable.Range(0, 100).SelectMany(number => SeededLedgerTests.CaseOf(random, number))];
    }

    async Task AppendAsync(string tenant, IReadOnlyList<Transition> rows)
    {
        foreach (var batch in rows.Chunk(5_000))
        {
            await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
            await using var transaction = await connection.BeginTenantAsync(tenant, Cancelled);
            await LedgerStore.AppendAsync(transaction, tenant, batch, Cancelled);
            await transaction.CommitAsync(Cancelled);
        }
        await AdminAsync("ANALYZE");
    }

    async Task<LeadVersion[]> SayOfLeadsAsync(IReadOnlyList<Transition> rows)
    {
        await using var connection = await _database.App.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTenantAsync("acme", Cancelled);
        LeadVersion[] versions = [.. rows.Select(row => row.LeadId).Distinct().Take(50).SelectMany(lead => new LeadVersion[] { new(lead, 2, "later", "NL"), new(lead, 3, "latest", null) { Custom = new Dictionary<string, string> { ["tier"] = "c" } } })];
        await LeadVersions.AppendAsync(transaction, "acme", versions, Cancelled);
        await transaction.CommitAsync(Cancelled);
        return versions;
    }

    async Task<NpgsqlDataSource> LoginAsync(string? tenant)
    {
        var role = $"bi_{Guid.NewGuid():N}";
        var address = new NpgsqlConnectionStringBuilder(_database.AdminConnectionString) { Username = role, Password = role };
        await AdminAsync($"CREATE ROLE {role} LOGIN PASSWORD '{role}' IN ROLE {address.Database}_reporting");
        if (tenant is not null)
        {
            await AdminAsync($"INSERT INTO reporting.readers VALUES ('{role}', '{tenant}')");
        }
        var source = NpgsqlDataSource.Create(address);
        _logins.Add((role, source));
        return source;
    }

    async Task AdminAsync(string sql)
    {
        await using var command = _database.Admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    static async Task<IReadOnlyList<T>> ReadAsync<T>(NpgsqlDataSource source, string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        List<T> rows = [];
        while (await reader.ReadAsync(Cancelled))
        {
            rows.Add(read(reader));
        }
        return rows;
    }

    static async Task<string> FailAsync(NpgsqlDataSource source, string sql) =>
        (await Assert.ThrowsAsync<PostgresException>(() => ReadAsync(source, sql, _ => 0))).SqlState;

    static string Line(JourneyFacts journey)
    {
        var won = journey.Stays.Where(stay => stay.Stage == Stage.ClosedWon).ToList();
        var currencies = won.Select(stay => stay.Currency).OfType<string>().Distinct().ToList();
        return string.Join(' ',
        [
            journey.JourneyId, journey.LeadId, journey.Number, journey.IsLatest, journey.StartedAt?.Name() ?? "-", journey.Stands.Name(),
            Instant(journey.EndedAt), journey.Stands < Stage.ClosedWon,
            .. Columns.Select((_, stage) => $"{Instant(journey.Reach((Stage)stage)?.At)}{(journey.IsInferred((Stage)stage) ? "*" : "")}"),
            Instant(journey.Reach(Stage.ClosedWon)?.At),
            won.Count, currencies.Count == 1 ? $"{currencies[0]} {Amount(won.Sum(stay => stay.Amount))}" : "-",
            .. new[] { journey.Origin.Channel, journey.Origin.Source, journey.Origin.Campaign, journey.Origin.Motion }.Select(value => value ?? "-"),
            .. new[] { journey.Current.Segment, journey.Current.Region, journey.Current.Owner, journey.Current.Team, journey.Current.Product }.Select(value => value ?? "-"),
        ]);
    }

    static string ReadJourney(NpgsqlDataReader reader)
    {
        var standing = (string)reader["standing"];
        return string.Join(' ',
        [
            reader["journey_id"], reader["lead_id"], reader["journey_number"], reader["is_latest"], Text(reader, "started_at") ?? "-", standing,
            Stages.TryParse(standing, out var stage) && stage.IsExit() ? Instant(Time(reader, "standing_since")) : "-", reader["is_open"],
            .. Columns.Select(name => $"{Instant(Time(reader, $"{name}_at"))}{(reader[$"{name}_inferred"] is true ? "*" : "")}"),
            Instant(Time(reader, "closed_won_at")),
            reader["won_count"], Text(reader, "won_currency") is { } currency ? $"{currency} {Amount((decimal)reader["won_amount"])}" : "-",
            .. new[] { "channel", "source", "campaign", "motion", "segment", "region", "owner", "team", "product" }.Select(name => Text(reader, name) ?? "-"),
        ]);
    }

    static string? Text(NpgsqlDataReader reader, string name) => reader[name] as string;

    static DateTimeOffset? Time(NpgsqlDataReader reader, string name) => reader[name] is DateTime time ? time : null;

    static string Instant(DateTimeOffset? instant) => instant is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture) : "-";

    static string Amount(decimal? amount) => amount?.ToString("0.####", CultureInfo.InvariantCulture) ?? "-";

    [GeneratedRegex("```sql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Question();
}
