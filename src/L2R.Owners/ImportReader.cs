using System.Security.Cryptography;
using Google.Protobuf;
using L2R.Ledger;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.ServiceDefaults;

namespace L2R.Owners;

/// <summary>Reads one row of a batch: its fields, and whether this service makes its move.</summary>
static class ImportReader
{
    /// <returns>The row, or why it is refused.</returns>
    public static (ImportedRow? Row, ImportReject? Reject) Read(
        string tenant, ImportTransitionsRequest batch, ImportedTransition row, Owner owner, DateTimeOffset now)
    {
        var problems = RequiredFields.FindMissing(row);
        problems.Key("source_key", row.SourceKey);
        problems.Key("lead_key", row.LeadKey);
        problems.Key("journey_key", row.JourneyKey);
        problems.Key("opportunity_key", row.OpportunityKey);
        problems.PersonId("actor", row.Actor);
        problems.AtMost("reason", row.Reason, 500);
        var occurTime = problems.OccurTime("occur_time", row.OccurTime, now);
        if (row.SourceSeq < 0)
        {
            problems.Add(new("source_seq", "must not be negative"));
        }
        if (!Enum.IsDefined(row.From))
        {
            problems.Add(new("from", "is not a stage that this version knows"));
        }
        if (!Enum.IsDefined(row.To) || (row.To == L2R.Ledger.V1.Stage.Unspecified && !batch.Correct))
        {
            problems.Add(new("to", "must be a stage or an exit; it may be left out to withdraw a row in an import that says correct"));
        }
        if (row.Amount is { CurrencyCode: "" })
        {
            problems.Add(new("amount.currency_code", FieldProblem.Required));
        }
        problems.PastCurrency("amount.currency_code", row.Amount?.CurrencyCode ?? "");
        if (row.Amount is { } money && (money.Units < 0 || money.Nanos is < 0 or > 999_999_999))
        {
            problems.Add(new("amount", "must not be negative, and have at most 999,999,999 nanos"));
        }
        CheckDimensions(problems, row.Dimensions ?? new());
        if (problems.Count > 0)
        {
            return (null, Reject(row, "FIELDS_INVALID", string.Join("; ", ApiErrors.Told(problems).Select(p => $"{p.Field} {p.Problem}"))));
        }

        var (from, to) = (row.From.ToDomain(), row.To.ToDomain());
        if (to is { } target && Moves.Decide(from, target, owner, Ledger.Domain.Origin.Import) is MoveDecision.Refused refused)
        {
            return (null, Reject(row, "MOVE_NOT_ALLOWED", Explain(from, target, owner, refused)));
        }

        var key = TransitionId.Create(tenant, batch.Source, row.SourceKey, row.SourceSeq);
        var dimensions = row.Dimensions?.Clone() ?? new Dimensions();
        dimensions.Channel = dimensions.Channel.Length == 0 ? "unknown" : dimensions.Channel;
        return (new ImportedRow
        {
            Line = row.Line,
            KeyId = key,
            TransitionId = key,
            Content = ContentOf(row),
            LeadKey = row.LeadKey,
            LeadId = TransitionId.OfLead(tenant, batch.Source, row.LeadKey),
            JourneyId = TransitionId.OfJourney(tenant, batch.Source, row.JourneyKey),
            OpportunityId = row.OpportunityKey.Length == 0 ? null : TransitionId.OfOpportunity(tenant, batch.Source, row.OpportunityKey),
            From = from,
            To = to,
            OccurTime = occurTime,
            SourceSeq = row.SourceSeq,
            Actor = row.Actor,
            Reason = row.Reason,
            Amount = row.Amount,
            Dimensions = dimensions,
        }, null);
    }

    public static ImportReject Reject(ImportedTransition row, string reason, string message) => Reject(row.Line, reason, message);

    public static ImportReject Reject(long line, string reason, string message) => new() { Line = line, Reason = reason, Message = message };

    /// <summary>As the owners check them live: a waterfall that is grouped by them has one row for each value.</summary>
    static void CheckDimensions(List<FieldProblem> problems, Dimensions dimensions)
    {
        problems.KebabCase("dimensions.channel", dimensions.Channel);
        problems.AtMost("dimensions.source", dimensions.Source, 200);
        problems.AtMost("dimensions.campaign", dimensions.Campaign, 200);
        problems.KebabCase("dimensions.segment", dimensions.Segment);
        problems.RegionCode("dimensions.region", dimensions.Region);
        problems.PersonId("dimensions.owner", dimensions.Owner);
        problems.KebabCase("dimensions.team", dimensions.Team);
        problems.AtMost("dimensions.product", dimensions.Product, 200);
        problems.KebabCase("dimensions.motion", dimensions.Motion);
        problems.Custom("dimensions.custom", dimensions.Custom);
    }

    static string Explain(Ledger.Domain.Stage? from, Ledger.Domain.Stage to, Owner owner, MoveDecision.Refused refused) =>
        refused.Belongs is { } other
            ? $"{owner} does not move a journey from {Name(from)} to {to.Name()}: send this row to {other}"
            : $"no journey moves from {Name(from)} to {to.Name()}; from there it may move to {string.Join(", ", refused.Possible.Select(move => move.To.Name()))}";

    static string Name(Ledger.Domain.Stage? stage) => stage is { } known ? known.Name() : "no stage";

    static Guid ContentOf(ImportedTransition row)
    {
        // A withdrawal says nothing but that: a second one of the same key is the same, whatever else it carries.
        var content = row.To == L2R.Ledger.V1.Stage.Unspecified
            ? new ImportedTransition { SourceKey = row.SourceKey, SourceSeq = row.SourceSeq }
            : row.Clone();
        content.Line = 0;
        content.From = L2R.Ledger.V1.Stage.Unspecified;
        if (content.Dimensions?.Custom is { Count: > 1 } custom)
        {
            // A map has no order, its bytes do.
            var sorted = custom.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary();
            custom.Clear();
            custom.Add(sorted);
        }
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content.ToByteArray(), hash);
        return new Guid(hash[..16], bigEndian: true);
    }
}
