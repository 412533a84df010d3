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

    sealed class Rule
    {
        readonly OutOfScopeRule _rule;
        readonly bool[]? _origin; // by the number of the values; null: any will do
        readonly bool[]? _atEntry;
        readonly bool[]? _current;

        public Rule(OutOfScopeRule rule, ValueTables values)
        {
            _rule = rule;
            (_origin, _atEntry, _current) = (Matches(DimensionKind.Origin), Matches(DimensionKind.AtEntry), Matches(DimensionKind.Current));

            bool[]? Matches(DimensionKind kind)
            {
                var (table, filters) = (values.Of(kind), rule.Dimensions.Where(filter => filter.Dimension.Kind == kind).ToList());
                if (filters.Count == 0)
                {
                    return null;
                }
                var matches = new bool[table.Count];
                for (var number = 0; number < matches.Length; number++)
                {
                    matches[number] = filters.TrueForAll(filter => filter.Values.Contains(filter.Dimension.Read(table[number])));
                }
                return matches;
            }
        }

        /// <summary>The journeys of which the rule's reasons hold.</summary>
        public IEnumerable<int> Candidates(JourneyChunk chunk)
        {
            if (_rule.ExitReasons.Count == 0)
            {
                return Enumerable.Range(0, chunk.Count);
            }
            return chunk.Reasons.Of.Index()
                .Where(reason => _rule.ExitReasons.Contains(chunk.Reasons.Items[reason.Index]))
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
