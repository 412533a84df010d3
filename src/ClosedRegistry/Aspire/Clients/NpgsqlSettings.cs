namespace Aspire.Npgsql;

/// <summary>Settings of a data source: <c>Aspire:Npgsql</c>, then <c>Aspire:Npgsql:{name}</c>, then <c>ConnectionStrings:{name}</c>.</summary>
public sealed class NpgsqlSettings
{
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    /// <summary>No effect here: the stand-in adds no source to any tracer. Add the source <c>Npgsql</c> to yours.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>No effect here: the stand-in adds no meter to any provider. Add the meter <c>Npgsql</c> to yours.</summary>
    public bool DisableMetrics { get; set; }
}
