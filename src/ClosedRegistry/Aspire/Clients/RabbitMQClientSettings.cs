namespace Aspire.RabbitMQ.Client;

/// <summary>Settings of a connection: <c>Aspire:RabbitMQ:Client</c>, then <c>Aspire:RabbitMQ:Client:{name}</c>, then <c>ConnectionStrings:{name}</c>.</summary>
public sealed class RabbitMQClientSettings
{
    public string? ConnectionString { get; set; }

    /// <summary>How often connecting is tried again. 5 unless set; 0 tries once.</summary>
    public int MaxConnectRetryCount { get; set; } = 5;

    public bool DisableHealthChecks { get; set; }

    /// <summary>No effect here: the stand-in adds no source to any tracer. Add the sources <c>RabbitMQ.Client.*</c> to yours.</summary>
    public bool DisableTracing { get; set; }
}
