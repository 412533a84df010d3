using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.Dashboard.Otlp;

namespace Aspire.Hosting.Dashboard;

/// <summary>The last spans that arrived, grouped to traces: the oldest make room for new ones.</summary>
/// <param name="capacity">What the spans may take in memory, in bytes (roughly).</param>
sealed class TraceStore(long capacity = TraceStore.Capacity)
{
    const long Capacity = 48 * 1024 * 1024; // bytes: some 25,000 spans

    readonly Lock _lock = new();
    readonly Queue<StoredSpan> _spans = new();
    readonly Dictionary<string, Queue<StoredSpan>> _traces = [];
    long _weight;

    public void Add(TraceRequest request)
    {
        foreach (var resource in request.ResourceSpans)
        {
            var service = StoredSpan.Text(resource.Resource?.Attributes.FirstOrDefault(pair => pair.Key == "service.name")?.Value);
            foreach (var scope in resource.ScopeSpans)
            {
                foreach (var span in scope.Spans)
                {
                    if (StoredSpan.Read(span, service, scope.Scope?.Name ?? "") is { } stored)
                    {
                        Add(stored);
                    }
                }
            }
        }
    }

    public void Add(StoredSpan span)
    {
        lock (_lock)
        {
            _spans.Enqueue(span);
            _weight += span.Weight;
            if (!_traces.TryGetValue(span.TraceId, out var trace))
            {
                _traces.Add(span.TraceId, trace = new());
            }
            trace.Enqueue(span);
            while (_weight > capacity)
            {
                Forget(_spans.Dequeue());
            }
        }
    }

    /// <summary>The spans of a trace, from the first to start to the last.</summary>
    public bool TryFind(string traceId, [NotNullWhen(true)] out IReadOnlyList<StoredSpan>? spans)
    {
        lock (_lock)
        {
            spans = _traces.TryGetValue(traceId, out var trace) ? [.. trace.OrderBy(span => span.Start)] : null;
            return spans is not null;
        }
    }

    /// <summary>The traces that have all that is asked for, the newest first.</summary>
    /// <param name="service">One that has a span in it. Null for any.</param>
    /// <param name="text">What the id, a name or an attribute of a span contains. Null for anything.</param>
    /// <param name="isSuited">Of the whole trace.</param>
    public IReadOnlyList<TraceSummary> List(string? service, string? text, Func<TraceSummary, bool> isSuited, int limit)
    {
        lock (_lock)
        {
            return
            [
                .. _traces.Values
                    .Where(spans => string.IsNullOrEmpty(service) || spans.Any(span => span.Service == service))
                    .Where(spans => string.IsNullOrEmpty(text) || spans.Any(span => Contains(span, text)))
                    .Select(TraceSummary.Of)
                    .Where(isSuited)
                    .OrderByDescending(trace => trace.Start)
                    .Take(limit),
            ];
        }
    }

    public TraceStoreState State
    {
        get
        {
            lock (_lock)
            {
                return new(_traces.Count, _spans.Count, _weight, capacity, [.. _spans.Select(span => span.Service).Distinct().Order(StringComparer.Ordinal)]);
            }
        }
    }

    // Spans leave in the order in which they came, so each is the first of its trace.
    void Forget(StoredSpan oldest)
    {
        _weight -= oldest.Weight;
        var trace = _traces[oldest.TraceId];
        trace.Dequeue();
        if (trace.Count == 0)
        {
            _traces.Remove(oldest.TraceId);
        }
    }

    static bool Contains(StoredSpan span, string text) =>
        span.TraceId.StartsWith(text, StringComparison.OrdinalIgnoreCase)
        || span.Name.Contains(text, StringComparison.OrdinalIgnoreCase)
        || span.Attributes.Any(pair => pair.Value.Contains(text, StringComparison.OrdinalIgnoreCase));
}

/// <param name="Weight">Bytes.</param>
/// <param name="Capacity">Bytes.</param>
/// <param name="Services">Of all spans, by name.</param>
sealed record TraceStoreState(int Traces, int Spans, long Weight, long Capacity, IReadOnlyList<string> Services);

/// <param name="Start">Milliseconds since 1970.</param>
/// <param name="Duration">From the start of the first span to the end of the last, in milliseconds.</param>
/// <param name="Name">Of the span that has no parent; of the first one where that is not there (any more).</param>
/// <param name="IsWhole">Whether the span without a parent is there.</param>
/// <param name="Services">By first appearance, with their spans.</param>
sealed record TraceSummary(
    string Id, double Start, double Duration, string Name, bool IsWhole, int Spans, int Errors, IReadOnlyList<ServiceShare> Services)
{
    public static TraceSummary Of(IReadOnlyCollection<StoredSpan> spans)
    {
        var first = spans.MinBy(span => span.Start)!;
        var root = spans.FirstOrDefault(span => span.ParentId is null);
        return new(
            first.TraceId,
            first.Start / 1e6,
            (spans.Max(span => span.End) - first.Start) / 1e6,
            (root ?? first).Name,
            root is not null,
            spans.Count,
            spans.Count(span => span.IsError),
            [
                .. spans.GroupBy(span => span.Service)
                    .OrderBy(group => group.Min(span => span.Start))
                    .Select(group => new ServiceShare(group.Key, group.Count(), group.Count(span => span.IsError))),
            ]);
    }
}

sealed record ServiceShare(string Name, int Spans, int Errors);
