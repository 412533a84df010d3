namespace L2R.Metrics.Domain.Columns;

/// <summary>Finds the journeys of a chunk that rules leave out of scope.</summary>
/// <remarks>A chunk keeps what was found for the last rules: it is asked for by every question, and nobody changes rules often.</remarks>
sealed class ScopeIndex(ScopeRules rules, ValueTables values)
{
    readonly Lazy<List<Rule>> _rules = new(() => [.. rules.All.Select(rule => new Rule(rule, values))]);

    /// <returns>A bit for each journey that is out. Null: none is.</returns>
    public ulong[]? OutOf(JourneyChunk chunk)
    {
        if (chunk.LastScope is not { } known || known.RulesText != rules.Text)
        {
            chunk.LastScope = known = new(rules.Text, Find(chunk));
        }
        return known.Out;
    }

    ulong[]? Find(JourneyChunk chunk)
    {
        var found = new ulong[(chunk.Count + 63) / 64];
        foreach (var rule in _rules.Value)
        {
            foreach (var journey in rule.Candidates(chunk))
            {
                if (rule.Holds(chunk, journey))
                {
                    found[journey >> 6] |= 1UL << journey;
                }
            }
        }
        return Array.TrueForAll(found, bits => bits == 0) ? null : found;
    }

    sealed class Rule(OutOfScopeRule rule, ValueTables values)
    {
        // By the number of the values; null: any will do.
        readonly bool[]? _origin = values.Origin.Kept(rule.Dimensions, values.Origin.Count);
        readonly bool[]? _atEntry = values.AtEntry.Kept(rule.Dimensions, values.AtEntry.Count);
        readonly bool[]? _current = values.Current.Kept(rule.Dimensions, values.Current.Count);

        /// <summary>The journeys of which the rule's reasons hold.</summary>
        public IEnumerable<int> Candidates(JourneyChunk chunk)
        {
            if (rule.ExitReasons.Count == 0)
            {
                return Enumerable.Range(0, chunk.Count);
            }
            return chunk.Reasons.Of.Index()
                .Where(reason => rule.ExitReasons.Contains(chunk.Reasons.Items[reason.Index]))
                .Select(reason => chunk.JourneyOf(reason.Item));
        }

        public bool Holds(JourneyChunk chunk, int journey) =>
            (_origin is null || _origin[chunk.Origins[journey]])
            && (_current is null || _current[chunk.Currents[journey]])
            && (_atEntry is null || _atEntry[chunk.Values[chunk.FirstStays[journey]]]);
    }
}

/// <param name="RulesText">Of which rules.</param>
/// <param name="Out">A bit for each journey that they leave out. Null: none.</param>
sealed record ScopeOfChunk(string RulesText, ulong[]? Out);
