using L2R.Ledger.Domain;

namespace L2R.Metrics.Domain;

/// <param name="Periods">In their order. One even when empty where the question is not by period.</param>
public sealed record FlowAnswer(IReadOnlyList<FlowPeriod> Periods);

/// <param name="Stages">The six stages, then the four exits.</param>
/// <param name="Moves">By from, to and reason.</param>
public sealed record FlowPeriod(Period? Period, IReadOnlyList<StageFlow> Stages, IReadOnlyList<Move> Moves);

/// <param name="AfterWin">Of the entries those after a win, which move nothing: departures of the same instant, and no moves.</param>
public sealed record StageFlow(Stage Stage, long Entries, long Departures, long StockAtStart, long StockAtEnd, long AfterWin);

/// <param name="From">Null: the journey's first row.</param>
/// <param name="Reason">Of an exit. Empty where its row has none, and for stages.</param>
public sealed record Move(Stage? From, Stage To, string Reason, long Count);
