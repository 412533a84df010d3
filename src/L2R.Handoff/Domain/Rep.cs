namespace L2R.Handoff.Domain;

/// <summary>What a caller says of a rep; every rule on its own fields holds.</summary>
/// <param name="DisplayName">1 to 200 characters. Personal.</param>
/// <param name="Subject">The <c>sub</c> of their token; null when they never call themselves.</param>
/// <param name="Team">Kebab case; empty when unknown.</param>
/// <param name="Active">MQLs are assigned to them.</param>
public sealed record RepDetails(string DisplayName, string? Subject, string Team, bool Active);

/// <summary>Somebody in sales who works leads.</summary>
public sealed record Rep
{
    public required Guid Id { get; init; }
    public required RepDetails Details { get; init; }
    public required DateTimeOffset CreateTime { get; init; }
    public required DateTimeOffset UpdateTime { get; init; }

    /// <summary>Starts at 1 and grows by one with each write.</summary>
    public required long Version { get; init; }

    public Assignee AsAssignee => new(Id, Details.Team);
}
