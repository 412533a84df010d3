namespace L2R.Cli;

/// <summary>How far some work is.</summary>
/// <param name="What">As in "rows sent".</param>
/// <param name="PerSecond">Null where a rate says nothing.</param>
readonly record struct WorkState(string What, long Done, long Total, double? PerSecond)
{
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Done:#,0} of {Total:#,0} {What}{(PerSecond is { } rate ? $", {rate:#,0}/s" : "")}");
}
