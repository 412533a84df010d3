namespace L2R.Cli;

/// <summary>How far some work is.</summary>
/// <param name="What">As in "rows sent".</param>
/// <param name="Total">0 where it isn't known: what is done then says nothing either.</param>
/// <param name="PerSecond">Null where a rate says nothing.</param>
readonly record struct WorkState(string What, long Done, long Total, double? PerSecond)
{
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{(Total == 0 ? "" : $"{Done:#,0} of {Total:#,0} ")}{What}{(PerSecond is { } rate ? $", {rate:#,0}/s" : "")}");
}
