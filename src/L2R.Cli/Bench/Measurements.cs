namespace L2R.Cli.Bench;

/// <summary>Collects what each round measures.</summary>
sealed class Measurements
{
    readonly List<(string Name, string Unit, string? LimitName, double? Aim)> _figures = [];
    readonly Dictionary<string, List<double>> _values = [];
    readonly Dictionary<string, List<double>> _limits = [];

    /// <summary>In the order in which they were first measured.</summary>
    public IReadOnlyList<Figure> Figures =>
        [.. _figures.Select(figure => new Figure(figure.Name, figure.Unit, _values[figure.Name], figure.LimitName, _limits[figure.Name], figure.Aim))];

    public void Add(string name, string unit, double value, (string Name, double Value)? limit = null, double? aim = null)
    {
        if (!_values.ContainsKey(name))
        {
            _figures.Add((name, unit, limit?.Name, aim));
            (_values[name], _limits[name]) = ([], []);
        }
        _values[name].Add(value);
        if (limit is { } underneath)
        {
            _limits[name].Add(underneath.Value);
        }
    }
}
