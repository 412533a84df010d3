using System.Security.Cryptography;
using Google.Protobuf;
using L2R.Intake.Domain;
using L2R.Intake.V1;
using L2R.Ledger.Domain;
using L2R.Ledger.V1;
using L2R.ServiceDefaults;
using Touchpoint = L2R.Intake.Domain.Touchpoint;

namespace L2R.Intake.Api;

/// <summary>Reads a batch of past touches, and each of its rows.</summary>
static class TouchpointImportReader
{
    const int MaxRows = 500;

    /// <summary>The rules on the batch as a whole.</summary>
    public static void Check(ImportTouchpointsRequest batch, string errorDomain)
    {
        var problems = RequiredFields.FindMissing(batch);
        problems.AtMost("import_id", batch.ImportId, 100);
        problems.KebabCase("source", batch.Source);
        if (batch.Touchpoints.Count > MaxRows)
        {
            problems.Add(new("touchpoints", $"must be at most {MaxRows} rows, and are {batch.Touchpoints.Count}"));
        }
        problems.ThrowIfAny(errorDomain);
    }

    /// <returns>The touch, or why it is refused.</returns>
    public static (ImportedTouch? Touch, ImportReject? Reject) Read(string tenant, string source, ImportedTouchpoint row, DateTimeOffset now)
    {
        var problems = RequiredFields.FindMissing(row);
        problems.Key("source_key", row.SourceKey);
        problems.Key("lead_key", row.LeadKey);
        problems.KebabCase("kind", row.Kind);
        problems.KebabCase("channel", row.Channel);
        problems.AtMost("campaign", row.Campaign, 200);
        if (row.SourceSeq < 0)
        {
            problems.Add(new("source_seq", "must not be negative"));
        }
        var occurTime = problems.OccurTime("occur_time", row.OccurTime, now);
        var cost = problems.Cost("cost", row.Cost);
        if (problems.Count > 0)
        {
            return (null, Reject(row.Line, "FIELDS_INVALID", string.Join("; ", ApiErrors.Told(problems).Select(p => $"{p.Field} {p.Problem}"))));
        }
        var key = TransitionId.OfTouchpoint(tenant, source, row.SourceKey, row.SourceSeq);
        var touchpoint = new Touchpoint(
            key, TransitionId.OfLead(tenant, source, row.LeadKey), OrUnknown(row.Kind), occurTime, OrUnknown(row.Channel), row.Campaign, row.Engagement)
        {
            Cost = cost,
            Currency = row.Cost?.CurrencyCode,
        };
        return (new ImportedTouch(row.Line, key, ContentOf(row), touchpoint, Supersedes: null), null);
    }

    public static ImportReject Reject(long line, string reason, string message) => new() { Line = line, Reason = reason, Message = message };

    static string OrUnknown(string text) => text.Length == 0 ? "unknown" : text;

    static Guid ContentOf(ImportedTouchpoint row)
    {
        var content = row.Clone();
        content.Line = 0;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content.ToByteArray(), hash);
        return new Guid(hash[..16], bigEndian: true);
    }
}
