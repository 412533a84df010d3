using System.Diagnostics.Metrics;

namespace L2R.Messaging;

/// <summary>What an operator watches: how far the outbox and the consumers are behind.</summary>
public sealed class MessagingMetrics
{
    public const string MeterName = "L2R.Messaging";

    readonly Counter<long> _relayed;
    readonly Counter<long> _buried;
    readonly Histogram<double> _consumerLag;
    double _outboxLagSeconds;
    long _outboxDepth;

    public MessagingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _relayed = meter.CreateCounter<long>("l2r.outbox.relayed", "{event}", "Events that the broker confirmed.");
        _buried = meter.CreateCounter<long>("l2r.outbox.dead", "{event}", "Events that can never be sent, now in outbox_dead.");
        _consumerLag = meter.CreateHistogram<double>("l2r.consumer.lag", "s", "From an event's storing to its effect here.");
        meter.CreateObservableGauge("l2r.outbox.lag", () => Volatile.Read(ref _outboxLagSeconds), "s", "Age of the oldest event not sent yet.");
        meter.CreateObservableGauge("l2r.outbox.depth", () => Volatile.Read(ref _outboxDepth), "{event}", "Events not sent yet.");
    }

    internal void Relayed(int sent, int dead)
    {
        _relayed.Add(sent);
        _buried.Add(dead);
    }

    internal void OutboxLag(TimeSpan lag, long depth)
    {
        Volatile.Write(ref _outboxLagSeconds, lag.TotalSeconds);
        Volatile.Write(ref _outboxDepth, depth);
    }

    /// <summary>Records how long an event took from its storing to its effect.</summary>
    internal void Consumed(string queue, TimeSpan lag) =>
        _consumerLag.Record(lag.TotalSeconds, new KeyValuePair<string, object?>("l2r.queue", queue));
}
