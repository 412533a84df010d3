using Grpc.Core;
using L2R.Ledger.Domain;
using L2R.Opportunity.Domain;
using L2R.Owners;
using L2R.ServiceDefaults;

namespace L2R.Opportunity.Api;

/// <summary>Why a deal stays as it is, in words for its caller.</summary>
static class DealErrors
{
    public static RpcException Refused(string errorDomain, string name, DealDecision decision) => decision switch
    {
        DealDecision.NotReady(var stage) => JourneyNotReady(errorDomain, name, stage),
        DealDecision.Refused(var from, var to, var possible) => MoveErrors.NotAllowed(errorDomain, name, from, to, possible),
        DealDecision.IsHistory => MoveErrors.IsHistory(errorDomain, name),
        DealDecision.NotOpen(var state) => Precondition(
            errorDomain, "OPPORTUNITY_NOT_OPEN", name, state, "Only open opportunities change and are closed; a lost one may be reopened."),
        DealDecision.NotLost(var state) => Precondition(
            errorDomain, "OPPORTUNITY_NOT_LOST", name, state, "Only lost opportunities are reopened."),
        DealDecision.AmountMissing => ApiErrors.Create(
            StatusCode.FailedPrecondition, errorDomain, "AMOUNT_MISSING",
            $"'{name}' has no amount: update it with what was sold, then close it.", ("name", name)),
        DealDecision.CurrencyFixed(var currency) => ApiErrors.Create(
            StatusCode.FailedPrecondition, errorDomain, "CURRENCY_FIXED",
            $"'{name}' is in {currency}, for good. Give the amount in {currency}, or open another opportunity.", ("name", name), ("currency_code", currency)),
        _ => throw new InvalidOperationException($"{decision} is no refusal."),
    };

    /// <summary>FAILED_PRECONDITION with RetryInfo: that the journey reached SQL may still be on its way.</summary>
    /// <param name="stage">Null when nothing was heard of the journey.</param>
    public static RpcException JourneyNotReady(string errorDomain, string journey, Stage? stage) =>
        ApiErrors.NotHeardYet(errorDomain, "JOURNEY_NOT_READY",
            $"'{journey}' is not known to have reached SQL{(stage is { } known ? $"; it was last heard of in {known.Name()}" : "")}. "
            + "If it was qualified just now, try again in a second.",
            ("journey", journey), ("stage", stage?.Name() ?? ""));

    static RpcException Precondition(string errorDomain, string reason, string name, DealState state, string advice)
    {
        var stateName = state.ToString().ToUpperInvariant();
        return ApiErrors.Create(StatusCode.FailedPrecondition, errorDomain, reason, $"'{name}' is {stateName}. {advice}", ("name", name), ("state", stateName));
    }
}
