using System.Globalization;
using System.Xml.Linq;

namespace L2R.Cli.Testing;

/// <summary>Counts of tests.</summary>
readonly record struct TestCounts(int Passed, int Failed, int Skipped)
{
    public int Total => Passed + Failed + Skipped;

    public static TestCounts operator +(TestCounts a, TestCounts b) => new(a.Passed + b.Passed, a.Failed + b.Failed, a.Skipped + b.Skipped);

    public static TestCounts Add(TestCounts left, TestCounts right) => left + right;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Passed} passed, {Failed} failed");

    /// <summary>What a run ends with. Continuous integration reads the last line, which always has the same two numbers.</summary>
    public IReadOnlyList<string> ToLastLines() =>
        Skipped == 0 ? [ToString()] : [string.Create(CultureInfo.InvariantCulture, $"{Skipped} skipped"), ToString()];
}

/// <summary>What xunit's XML report says of one test assembly.</summary>
/// <param name="Failures">One text for each failed test, and for each error outside of a test (a fixture that could not be disposed of).</param>
/// <param name="Skips">One line for each reason to skip tests.</param>
sealed record TestReport(TestCounts Counts, IReadOnlyList<string> Failures, IReadOnlyList<string> Skips)
{
    /// <exception cref="System.Xml.XmlException">The text is no XML: the test run was cut off.</exception>
    public static TestReport Parse(string xml)
    {
        var assemblies = XDocument.Parse(xml).Descendants("assembly").ToList();
        int Sum(string attribute) => assemblies.Sum(a => (int?)a.Attribute(attribute) ?? 0);
        var failures = assemblies.Descendants("test").Where(test => (string?)test.Attribute("result") == "Fail")
            .Select(test => Describe((string?)test.Attribute("name"), test.Element("failure"), (string?)test.Element("output")))
            .Concat(assemblies.Descendants("error")
                .Select(error => Describe($"{(string?)error.Attribute("type")} {(string?)error.Attribute("name")}".Trim(), error.Element("failure"), null)));
        var skips = assemblies.Descendants("test").Where(test => (string?)test.Attribute("result") == "Skip")
            .CountBy(test => ((string?)test.Element("reason"))?.Trim() is { Length: > 0 } reason ? reason : "no reason given")
            .Select(skip => string.Create(CultureInfo.InvariantCulture, $"{skip.Value} skipped: {skip.Key}"));
        return new TestReport(new TestCounts(Sum("passed"), Sum("failed") + Sum("errors"), Sum("skipped")), [.. failures], [.. skips]);
    }

    static string Describe(string? name, XElement? failure, string? output)
    {
        var parts = new[] { (string?)failure?.Element("message"), (string?)failure?.Element("stack-trace"), output is null ? null : "Output:", output };
        var lines = parts.OfType<string>().Where(part => part.Trim().Length > 0).SelectMany(part => part.Trim('\r', '\n').Split('\n'));
        // xunit writes quotes and backslashes with a backslash before them, although XML needs none.
        return string.Join(Environment.NewLine, lines.Select(line => "    " + line.TrimEnd()).Prepend(name ?? "?"))
            .Replace("\\\"", "\"", StringComparison.Ordinal)
            .Replace("\\\\", "\\", StringComparison.Ordinal);
    }
}
