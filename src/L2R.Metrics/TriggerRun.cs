using L2R.Metrics.Api;
using L2R.Metrics.Domain;
using L2R.Metrics.Storage;
using L2R.ServiceDefaults;

namespace L2R.Metrics;

/// <summary>Looks at every trigger that is due: measures, decides, and lets what fired open its review.</summary>
/// <remarks>Any number of replicas may do so at once.</remarks>
sealed class TriggerRun(TriggerWork work, LedgerStore ledger, SettingsStore settings, TargetStore targets, TimeProvider clock)
{
    /// <summary>Until nothing is due that nobody else works on.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var tenant in await work.FindTenantsAsync(clock.GetStorableNow(), cancellationToken))
        {
            while (await work.TakeAsync(tenant, clock.GetStorableNow(), cancellationToken) is { } trigger)
            {
                await LookAsync(tenant, trigger, cancellationToken);
            }
        }
    }

    /// <param name="trigger">That is due.</param>
    public async Task LookAsync(string tenant, Trigger trigger, CancellationToken cancellationToken)
    {
        var (now, reporting) = (clock.GetStorableNow(), await settings.FindAsync(tenant, cancellationToken));
        var schedule = new TriggerSchedule(TimeZoneInfo.FindSystemTimeZoneById(reporting.TimeZone), reporting.FiscalStartMonth);
        var (looks, armed) = await LooksAsync(tenant, reporting, trigger, schedule, now, cancellationToken);
        var dueDate = schedule.DateOf(now).AddDays(trigger.Details.ReviewDays);
        await work.FinishAsync(
            tenant, trigger, looks, armed, schedule.After(trigger.Details.Condition, trigger.Due!, now), (dueDate, schedule.StartOf(dueDate.AddDays(1))), now, cancellationToken);
    }

    async Task<(IReadOnlyList<Look> Looks, bool Armed)> LooksAsync(
        string tenant, ReportingSettings reporting, Trigger trigger, TriggerSchedule schedule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        switch (trigger.Details.Condition)
        {
            case Condition.Metric metric:
                var period = schedule.PeriodOf(metric, trigger.Due!);
                var reading = (await MeasureAsync(tenant, reporting, [new MeasureTally(metric.Pair, metric.Segment, metric.Measure, period, reporting.Custom)], now, cancellationToken)).Single();
                var (verdict, armed) = Hysteresis.Decide(metric, reading, trigger.Armed);
                AgendaItem[] fired = verdict == Verdict.Fired ? [new(now, Agenda.Fired(metric, reading), reading)] : [];
                return ([new(new Evaluation(period.Name, now, verdict, reading), fired)], armed);
            case Condition.Calendar calendar when schedule.LastDate(calendar, now) is { } date:
                return ([new(Fired(date.ToString("O", null)), [new(now, Agenda.Came(date), null), .. await StandingAsync(tenant, reporting, schedule, now, cancellationToken)])], true);
            case Condition.PolicyActivated:
                var pending = await work.ReadPendingAsync(tenant, trigger, cancellationToken);
                var standing = pending.Count == 0 ? [] : await StandingAsync(tenant, reporting, schedule, now, cancellationToken);
                return ([.. pending.Select((activation, index) => new Look(
                    Fired($"{activation.EventId:D}"),
                    [new(now, Agenda.Activated(activation.Policy, activation.DisplayName, activation.Time, activation.Reason), null), .. index == 0 ? standing : []]))], true);
            default:
                return ([], true);
        }

        Evaluation Fired(string key) => new(key, now, Verdict.Fired, null);
    }

    async Task<IReadOnlyList<AgendaItem>> StandingAsync(
        string tenant, ReportingSettings reporting, TriggerSchedule schedule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var asked = Standing.Of(new Targets(await targets.ListAsync(tenant, cancellationToken)).InForce(now));
        var readings = await MeasureAsync(
            tenant,
            reporting,
            [.. asked.Select(each => new MeasureTally(
                each.Pair, each.Segment, each.Measure, schedule.LastMature(each.Period, each.Measure.Maturity, now), reporting.Custom))],
            now,
            cancellationToken);
        return [.. asked.Zip(readings, (each, reading) => new AgendaItem(now, Agenda.Standing(reading, each.Goal), reading))];
    }

    async Task<IReadOnlyList<Reading>> MeasureAsync(
        string tenant, ReportingSettings reporting, IReadOnlyList<MeasureTally> tallies, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var knownAt = await ledger.GetNowAsync(tenant, cancellationToken);
        var journeys = (await ledger.ReadAsync(tenant, knownAt, cancellationToken)).InScope(reporting.OutOfScope);
        foreach (var journey in journeys.Facts(now))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var tally in tallies)
            {
                tally.Add(journey);
            }
        }
        return [.. tallies.Select(tally => tally.ToReading(
            now, knownAt, journeys.OutOfScopeAt(now), Waterfall.Quality(journeys, tally.Scope(now, knownAt), [], Processors.All, cancellationToken)))];
    }
}
