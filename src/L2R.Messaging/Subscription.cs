using Google.Protobuf.Reflection;

namespace L2R.Messaging;

/// <summary>What one service hears of one event.</summary>
/// <param name="Service">In kebab case.</param>
/// <param name="Event">Its proto.</param>
/// <param name="RoutingKeys">One or more patterns: <c>live.#</c> for what others may act on, <c>#</c> for history too,
/// <c>live.*.handoff</c> for what ends in a word. What none of them fits is not delivered.</param>
public sealed record Subscription(string Service, MessageDescriptor Event, params IReadOnlyList<string> RoutingKeys);
