using L2R.Handoff.Domain;
using L2R.Ledger.Domain;

namespace L2R.Handoff.Tests.Domain;

static class Examples
{
    public static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Where the clock of commands stands, an hour later.</summary>
    public static readonly DateTimeOffset One = Noon.AddHours(1);

    public static readonly Assignee Ann = new(new Guid("01900000-0000-7000-8000-00000000000a"), "inside-sales");

    public static readonly Assignee Ben = new(new Guid("01900000-0000-7000-8000-00000000000b"), "field-sales");

    public static readonly Qualification AllMet = new(new(true, "yes"), new(true, ""), new(true, ""), new(true, ""));

    public static Rep Rep(Assignee who, bool active = true) => new()
    {
        Id = who.RepId,
        Details = new RepDetails("Somebody", Subject: null, who.Team, active),
        CreateTime = Noon,
        UpdateTime = Noon,
        Version = 1,
    };

    /// <summary>A journey that stands there since noon; what is at MQL or beyond came to sales, and sales took its own exits.</summary>
    public static SalesJourney At(Stage stage) => new()
    {
        JourneyId = new Guid("01900000-0000-7000-8000-000000000001"),
        LeadId = new Guid("01900000-0000-7000-8000-000000000002"),
        Position = new JourneyPosition(stage, Noon, 5),
        Traits = new Traits { Channel = "web-form" },
        QueueTime = stage == Stage.Lead ? null : Noon,
        ExitFrom = stage switch { Stage.Rejected => Stage.Mql, Stage.Recycled => Stage.Sal, Stage.Disqualified => Stage.Sql, _ => null },
        Version = 3,
    };
}
