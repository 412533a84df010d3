using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <summary>One row of the ledger. Rows are appended and never change: a correction is a further row.</summary>
public sealed record Transition
{
    public required Guid TransitionId { get; init; }
    public required Guid LeadId { get; init; }
    public required Guid JourneyId { get; init; }

    /// <summary>
    /// Null on the row of an opportunity that its source did not name. A close without it closes the latest open opportunity of the
    /// journey, and the other open ones are replaced.
    /// </summary>
    public Guid? OpportunityId { get; init; }

    /// <summary>Where the publisher believed the journey to stand. The ledger orders by its own rule and does not build on it.</summary>
    public Stage? From { get; init; }

    /// <summary>Null withdraws what the row supersedes.</summary>
    public Stage? To { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>When the ledger learnt of it.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Numbers the moves of one journey.</summary>
    public required long SourceSeq { get; init; }

    public Origin Origin { get; init; }

    public string Actor { get; init; } = "";

    public string Reason { get; init; } = "";

    /// <summary>The version of the policy that decided. Null where none did.</summary>
    public string? PolicyVersion { get; init; }

    public double? Score { get; init; }

    /// <summary>In <see cref="Currency"/>.</summary>
    public decimal? Amount { get; init; }

    /// <summary>ISO 4217, such as <c>EUR</c>. Null where there is no amount.</summary>
    public string? Currency { get; init; }

    /// <summary>The row that this one corrects or withdraws.</summary>
    public Guid? Supersedes { get; init; }

    /// <summary>What the publisher knew of the journey when it moved. Null inside means that it did not say.</summary>
    public Dimensions Dimensions { get; init; } = Dimensions.None;

    /// <summary>The order of a journey's rows: by instant, then number, then rank, then id. No two rows tie.</summary>
    public static IComparer<Transition> Order { get; } = Comparer<Transition>.Create((left, right) =>
    {
        var order = left.OccurredAt.CompareTo(right.OccurredAt);
        order = order != 0 ? order : left.SourceSeq.CompareTo(right.SourceSeq);
        order = order != 0 ? order : Nullable.Compare(left.To?.Rank(), right.To?.Rank());
        return order != 0 ? order : left.TransitionId.CompareTo(right.TransitionId);
    });
}
