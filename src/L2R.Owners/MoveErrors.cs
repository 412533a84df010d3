using Grpc.Core;
using L2R.Ledger.Domain;
using L2R.ServiceDefaults;

namespace L2R.Owners;

/// <summary>The errors of moves that the table does not allow, the same in the four services that move journeys.</summary>
public static class MoveErrors
{
    /// <summary>FAILED_PRECONDITION, MOVE_NOT_ALLOWED: says where the journey stands and what is allowed from there.</summary>
    /// <param name="name">What the call named: the lead, the handoff, the opportunity.</param>
    public static RpcException NotAllowed(string errorDomain, string name, Stage? from, Stage to, IReadOnlyList<Move> possible)
    {
        var allowed = string.Join(", ", possible.Select(move => $"{move.To.Name()} (by {move.By})"));
        return ApiErrors.Create(
            StatusCode.FailedPrecondition, errorDomain, "MOVE_NOT_ALLOWED",
            $"The journey of '{name}' stands in {Name(from)} and cannot move to {to.Name()} by this call. "
            + (allowed.Length == 0 ? "Nothing moves it on from there." : $"From there it may move to {allowed}."),
            ("name", name), ("from", Name(from)), ("to", to.Name()), ("allowed", string.Join(",", possible.Select(move => move.To.Name()))));
    }

    /// <summary>FAILED_PRECONDITION, JOURNEY_IS_HISTORY: imported journeys are not moved live.</summary>
    public static RpcException IsHistory(string errorDomain, string name) =>
        ApiErrors.Create(
            StatusCode.FailedPrecondition, errorDomain, "JOURNEY_IS_HISTORY",
            $"The journey of '{name}' was imported: it is history, and is corrected by an import that says correct.", ("name", name));

    static string Name(Stage? stage) => stage is { } known ? known.Name() : "no stage";
}
