using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Messaging;
using L2R.Scoring.V1;

namespace L2R.Operations;

/// <summary>Who hears what, of all services: who says an event declares the queues of those who hear it, before they have ever run (docs/adr/0026).</summary>
public static class Subscriptions
{
    public static IReadOnlyList<Subscription> All { get; } =
    [
        new("intake", StagesChanged.Descriptor, "live.*.scoring", "live.*.handoff", "live.*.opportunity"),

        new("scoring", LeadsChanged.Descriptor, "live.#"),
        new("scoring", TouchpointsRecorded.Descriptor, "live.*.engagement"),
        new("scoring", StagesChanged.Descriptor, "live.*.handoff", "live.*.opportunity"),

        new("handoff", StagesChanged.Descriptor, "live.*.intake", "live.*.scoring", "live.*.opportunity"),

        new("opportunity", StagesChanged.Descriptor, "live.*.handoff"),

        new("metrics", StagesChanged.Descriptor, "#"),
        new("metrics", LeadsChanged.Descriptor, "live.*.updated"),
        new("metrics", LeadsMerged.Descriptor, "live.#"),
        new("metrics", ScoringPolicyActivated.Descriptor, "live.#"),
        new("metrics", TouchpointsRecorded.Descriptor, "#"),
    ];
}
