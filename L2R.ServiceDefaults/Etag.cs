namespace L2R.ServiceDefaults;

/// <summary>The version of a resource as its callers carry it.</summary>
public static class Etag
{
    public static string Write(long version) => version.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <returns>Null when the text is empty: the caller does not care. A text that is no etag adds a problem.</returns>
    public static long? Read(string field, string text, List<FieldProblem> problems)
    {
        if (text.Length == 0)
        {
            return null;
        }
        if (long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var version))
        {
            return version;
        }
        problems.Add(new(field, "must be the etag of the resource as it was read"));
        return null;
    }
}
