using L2R.Ledger.Domain;
using Npgsql;
using NpgsqlTypes;

namespace L2R.Cli.Bench;

/// <summary>A ledger of as many journeys as wanted, put straight into the database: 37 months, 12 channels, 5 segments, 200 campaigns, 8 regions.</summary>
/// <remarks>Of 100 journeys 35, 60, 50, 60 and 25 go on from one stage to the next, after a log-normal time. The same seed makes the same ledger.</remarks>
sealed class MadeUpLedger
{
    public const int Months = 37;
    const int Seed = 7;
    const double Mu = 1.5; // of the logarithm of days
    const int StageCount = 6;

    static readonly double[] GoOn = [0.35, 0.60, 0.50, 0.60, 0.25];

    readonly record struct Journey(Guid Lead, Guid Id, byte Channel, byte Segment, byte Campaign, byte Region);

    readonly Journey[] _journeys;
    readonly (long At, int Journey, byte Stage)[] _rows; // in the order of time: the ledger learnt of each when it happened

    MadeUpLedger(Journey[] journeys, (long, int, byte)[] rows) => (_journeys, _rows) = (journeys, rows);

    public int JourneyCount => _journeys.Length;

    public int RowCount => _rows.Length;

    /// <param name="end">No row is later.</param>
    public static MadeUpLedger Create(int count, DateTimeOffset end)
    {
        var random = new Random(Seed);
        var start = end.AddMonths(-Months);
        var journeys = new Journey[count];
        List<(long, int, byte)> rows = new((int)(count * 1.8));
        for (var journey = 0; journey < count; journey++)
        {
            journeys[journey] = new(Id(random), Id(random), (byte)random.Next(12), (byte)random.Next(5), (byte)random.Next(200), (byte)random.Next(8));
            var at = start.UtcTicks + (long)(random.NextDouble() * (end - start).Ticks);
            for (byte stage = 0; at <= end.UtcTicks; stage++)
            {
                rows.Add((at, journey, stage));
                if (stage == StageCount - 1 || random.NextDouble() >= GoOn[stage])
                {
                    break;
                }
                at += (long)(Math.Exp(Mu + Normal(random)) * TimeSpan.TicksPerDay);
            }
        }
        var sorted = rows.ToArray();
        Array.Sort(sorted);
        return new(journeys, sorted);
    }

    /// <summary>Fills the ledger of a tenant that has none. Its indexes are made anew afterwards: that is faster.</summary>
    /// <param name="connection">Of a role that owns the tables.</param>
    public async Task WriteAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellationToken)
    {
        var indexes = await TakeIndexesAsync(connection, cancellationToken);
        await using (var writer = await connection.BeginBinaryImportAsync(
            """
            COPY transitions (tenant_id, transition_id, lead_id, journey_id, from_stage, to_stage, occurred_at, recorded_at, source_seq, origin, actor,
                reason, amount, currency, channel, campaign, segment, region)
            FROM STDIN (FORMAT binary)
            """, cancellationToken))
        {
            for (var index = 0; index < _rows.Length; index++)
            {
                await WriteRowAsync(writer, tenant, index, cancellationToken);
            }
            await writer.CompleteAsync(cancellationToken);
        }
        foreach (var index in indexes)
        {
            await ExecuteAsync(connection, index, cancellationToken);
        }
        await ExecuteAsync(connection, "VACUUM ANALYZE transitions", cancellationToken);
    }

    /// <summary>One row a journey, as DuckDB reads it: microseconds since 1970, empty where a stage was not reached.</summary>
    public void WriteJourneys(TextWriter file)
    {
        var reached = new long[_journeys.Length][];
        foreach (var (at, journey, stage) in _rows)
        {
            (reached[journey] ??= new long[StageCount])[stage] = (at - DateTimeOffset.UnixEpoch.UtcTicks) / 10;
        }
        file.Write("channel,segment,r0,r1,r2,r3,r4,r5\n");
        for (var journey = 0; journey < reached.Length; journey++)
        {
            file.Write($"channel-{_journeys[journey].Channel},segment-{_journeys[journey].Segment}");
            foreach (var at in reached[journey])
            {
                file.Write(',');
                if (at != 0)
                {
                    file.Write(at);
                }
            }
            file.Write('\n');
        }
    }

    async Task WriteRowAsync(NpgsqlBinaryImporter writer, string tenant, int index, CancellationToken cancellationToken)
    {
        var (at, number, stage) = _rows[index];
        var journey = _journeys[number];
        var time = new DateTime(at, DateTimeKind.Utc);
        await writer.StartRowAsync(cancellationToken);
        await writer.WriteAsync(tenant, NpgsqlDbType.Text, cancellationToken);
        await writer.WriteAsync(new Guid(index, 0, 0, new byte[8]), NpgsqlDbType.Uuid, cancellationToken);
        await writer.WriteAsync(journey.Lead, NpgsqlDbType.Uuid, cancellationToken);
        await writer.WriteAsync(journey.Id, NpgsqlDbType.Uuid, cancellationToken);
        await WriteOrNullAsync(stage > 0, (short)(stage - 1), NpgsqlDbType.Smallint);
        await writer.WriteAsync((short)stage, NpgsqlDbType.Smallint, cancellationToken);
        await writer.WriteAsync(time, NpgsqlDbType.TimestampTz, cancellationToken);
        await writer.WriteAsync(time, NpgsqlDbType.TimestampTz, cancellationToken);
        await writer.WriteAsync((long)stage, NpgsqlDbType.Bigint, cancellationToken);
        await writer.WriteAsync((short)1, NpgsqlDbType.Smallint, cancellationToken);
        await writer.WriteAsync("bench", NpgsqlDbType.Text, cancellationToken);
        await writer.WriteAsync("", NpgsqlDbType.Text, cancellationToken);
        await WriteOrNullAsync((Stage)stage == Stage.ClosedWon, 1_000m, NpgsqlDbType.Numeric);
        await WriteOrNullAsync((Stage)stage == Stage.ClosedWon, "EUR", NpgsqlDbType.Text);
        await WriteOrNullAsync(stage == 0, $"channel-{journey.Channel}", NpgsqlDbType.Text);
        await WriteOrNullAsync(stage == 0, $"campaign-{journey.Campaign}", NpgsqlDbType.Text);
        await WriteOrNullAsync(stage == 0, $"segment-{journey.Segment}", NpgsqlDbType.Text);
        await WriteOrNullAsync(stage == 0, $"region-{journey.Region}", NpgsqlDbType.Text);

        Task WriteOrNullAsync<T>(bool known, T value, NpgsqlDbType type) =>
            known ? writer.WriteAsync(value, type, cancellationToken) : writer.WriteNullAsync(cancellationToken);
    }

    static async Task<List<string>> TakeIndexesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        List<(string Name, string Definition)> indexes = [];
        await using (var command = new NpgsqlCommand(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'transitions' AND indexname <> 'transitions_pkey'", connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                indexes.Add((reader.GetString(0), reader.GetString(1)));
            }
        }
        foreach (var (name, _) in indexes)
        {
            await ExecuteAsync(connection, $"DROP INDEX {name}", cancellationToken);
        }
        return [.. indexes.Select(index => index.Definition)];
    }

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static Guid Id(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
