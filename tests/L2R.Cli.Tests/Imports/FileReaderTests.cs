using L2R.Cli.Imports;

namespace L2R.Cli.Tests.Imports;

public sealed class FileReaderTests
{
    [Fact]
    public void A_line_becomes_a_row_with_everything_that_the_map_names()
    {
        var row = Assert.IsType<FileLine.Row>(Assert.Single(Lines.Read("173688,DISQUALIFIED,2011-10-30T02:38:44.546+02:00,112,declined,20000.50,3")));

        Assert.Equal(
            """
            { "line": "2", "sourceKey": "173688", "sourceSeq": "3", "leadKey": "173688", "journeyKey": "173688", "to": "STAGE_DISQUALIFIED",
            """.TrimEnd() + " " +
            """
            "occurTime": "2011-10-30T00:38:44.546Z", "actor": "source-user:112", "reason": "declined",
            """.TrimEnd() + " " +
            """
            "amount": { "currencyCode": "EUR", "units": "20000", "nanos": 500000000 }, "dimensions": { "channel": "unknown" } }
            """.TrimEnd(),
            row.Transition.ToString());
    }

    [Theory]
    [InlineData(",LEAD,2025-01-01T00:00:00Z,1,,5,0", "case_id is empty")]
    [InlineData("7,WON,2025-01-01T00:00:00Z,1,,5,0", "stage has 'WON', which is no stage of the map: LEAD, MQL, SAL, SQL, OPPORTUNITY, CLOSED_WON, CLOSED_LOST, DISQUALIFIED, REJECTED")]
    [InlineData("7,LEAD,2025-01-01T00:00:00,1,,5,0", "occurred_at must be a time with its offset, as in 2026-01-31T12:00:00.000+01:00, not '2025-01-01T00:00:00'")]
    [InlineData("7,LEAD,2025-02-30T00:00:00Z,1,,5,0", "occurred_at must be a time with its offset, as in 2026-01-31T12:00:00.000+01:00, not '2025-02-30T00:00:00Z'")]
    [InlineData("7,LEAD,2026-01-01T00:05:01Z,1,,5,0", "occurred_at is in the future")]
    [InlineData("7,LEAD,2025-01-01T00:00:00Z,1,,5,", "source_seq must be a whole number from 0, not ''")]
    [InlineData("7,LEAD,2025-01-01T00:00:00Z,1,,5 EUR,-1", "source_seq must be a whole number from 0, not '-1'; amount_eur must be a number such as 1234.50, not '5 EUR'")]
    [InlineData("7,LEAD,2025-01-01T00:00:00Z,1,,-0.01,0", "amount_eur must not be negative, and is -0.01")]
    [InlineData("7,LEAD,2025-01-01T00:00:00Z,1,", "the line has 5 fields where the header has 7")]
    [InlineData("7,LEAD,2025-01-01T00:00:00Z,1,,5,0,8", "the line has 8 fields where the header has 7")]
    [InlineData("7,LEAD,2025-01-01T00:00:00Z,1,so \"so\",5,0", "the line has a quote out of place: quotes are around a whole value, and doubled inside it")]
    [InlineData("7,LEAD,2025-01-01T00:00:00Z,1,\"no end,5,0", "the line has a quote that is never closed: quotes are around a whole value, and doubled inside it")]
    public void A_broken_line_says_its_number_and_why_and_the_next_one_is_read(string line, string cause)
    {
        var lines = Lines.Read(Lines.Of("1", "LEAD", 0), line, Lines.Of("2", "LEAD", 0));

        Assert.Equal([2, 3, 4], lines.Select(read => read.Line));
        Assert.Equal(cause, Assert.IsType<FileLine.Broken>(lines[1]).Cause);
        Assert.Equal(["1", "2"], lines.OfType<FileLine.Row>().Select(row => row.Transition.LeadKey));
    }

    [Fact]
    public void A_reason_that_is_too_long_is_no_row() =>
        Assert.Equal(
            "reason has 501 characters, at most 500 are taken",
            Assert.IsType<FileLine.Broken>(Assert.Single(Lines.Read($"7,LEAD,2025-01-01T00:00:00Z,1,{new string('x', 501)},5,0"))).Cause);

    [Fact]
    public void Values_may_have_lines_and_quotes_and_empty_lines_count()
    {
        var lines = Lines.Read("1,LEAD,2025-01-01T00:00:00Z,1,\"two\nlines, \"\"so\"\"\",5,0", "", Lines.Of("2", "LEAD", 0));

        Assert.Equal([(2L, "two\nlines, \"so\""), (5L, "")], lines.Cast<FileLine.Row>().Select(row => (row.Line, row.Transition.Reason)));
    }

    [Fact]
    public void Rows_without_a_sequence_count_in_the_order_of_the_file()
    {
        var map = ImportMap.Find("loans");
        map = map with { Columns = map.Columns.Where(column => column.Key != "source_seq").ToDictionary() };

        var lines = Lines.Read(map, Lines.File(Lines.Of("1", "LEAD", 9), Lines.Of("2", "LEAD", 9), Lines.Of("1", "MQL", 9), "1,broken", Lines.Of("1", "SAL", 9)));

        Assert.Equal(
            ["1 0", "2 0", "1 1", "1 3"],
            lines.OfType<FileLine.Row>().Select(row => $"{row.Transition.JourneyKey} {row.Transition.SourceSeq}"));
    }

    [Fact]
    public void A_line_that_does_not_say_its_journey_where_the_map_has_a_column_for_it_says_so()
    {
        var map = ImportMap.Find("plain");
        map = map with { Columns = map.Columns.Where(column => column.Key is "lead_key" or "journey_key" or "stage" or "occurred_at").ToDictionary() };

        var lines = Lines.Read(map, "lead,journey,stage,occurred_at\n7,,LEAD,2025-01-01T00:00:00Z\n");

        Assert.Equal(
            "journey is empty: where the map names the column, each line says which journey it is of",
            Assert.IsType<FileLine.Broken>(Assert.Single(lines)).Cause);
    }

    [Fact]
    public void A_folder_is_no_file()
    {
        using var temp = new TempCheckout();
        var folder = Path.GetDirectoryName(temp.Write("samples/note.txt", ""))!;
        Assert.Equal($"{folder} is a folder: name a CSV file.", Fails(folder));

        var file = temp.Write("samples/a.csv", "");
        Assert.Equal($"{folder} is a folder: name a CSV file, such as {file}.", Fails(folder));

        static string Fails(string path) =>
            Assert.Throws<CommandFailedException>(() => new FileReader(path, ImportMap.Find("loans"), DateTimeOffset.UnixEpoch)).Message;
    }

    [Theory]
    [InlineData("", "{0} is empty.")]
    [InlineData("case_id,stage\n", "{0} has no column 'source_seq', which the map names. It has: case_id, stage.")]
    [InlineData(
        "case_id;stage\n",
        "{0} has no column 'case_id', which the map names. It has: case_id;stage. "
            + "Perhaps its separator is ';' and not ',': write \"delimiter\": \";\" in a map of your own (docs/import-maps.md).")]
    [InlineData(
        "case_id\tstage\n",
        "{0} has no column 'case_id', which the map names. It has: case_id\tstage. "
            + "Perhaps its separator is a tab and not ',': write \"delimiter\": \"\\t\" in a map of your own (docs/import-maps.md).")]
    public void A_file_that_is_no_such_file_is_not_read(string text, string sentence)
    {
        using var temp = new TempCheckout();
        var path = temp.Write("file.csv", text);

        var failed = Assert.Throws<CommandFailedException>(() => new FileReader(path, ImportMap.Find("loans"), DateTimeOffset.UnixEpoch));

        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, sentence, path), failed.Message);
    }
}
