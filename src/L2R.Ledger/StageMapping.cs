using L2R.Ledger.Domain;

namespace L2R.Ledger;

/// <summary>Between the stages of the contracts, where 0 is none, and those of the domain.</summary>
public static class StageMapping
{
    public static L2R.Ledger.V1.Stage ToProto(this Stage? stage) => stage is { } known ? known.ToProto() : L2R.Ledger.V1.Stage.Unspecified;

    public static L2R.Ledger.V1.Stage ToProto(this Stage stage) => (L2R.Ledger.V1.Stage)((int)stage + 1);

    public static Stage? ToDomain(this L2R.Ledger.V1.Stage stage) =>
        stage == L2R.Ledger.V1.Stage.Unspecified ? null : (Stage)((int)stage - 1);
}
