namespace L2R.ServiceDefaults;

/// <summary>The version of a resource as its callers carry it.</summary>
public static class Etag
{
    const long OfNone = -1;

    public static string Write(long version) => version.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <returns>Null when the text is empty: the caller does not care. A text that no resource ever had is of no version: stale, as an old one is.</returns>
    public static long? Read(string text) =>
        text.Length == 0 ? null
        : long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var version) ? version
        : OfNone;
}
