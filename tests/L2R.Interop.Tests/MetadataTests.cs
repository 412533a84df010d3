using Grpc.Core;

namespace L2R.Interop.Tests;

public sealed class MetadataTests
{
    [Fact]
    public void Keys_are_compared_and_kept_in_lower_case_and_the_last_value_wins()
    {
        var metadata = new Metadata { { "Key", "first" }, { "KEY", "second" }, { "other-bin", [1, 2] } };

        Assert.Equal(["key", "key", "other-bin"], metadata.Select(entry => entry.Key));
        Assert.Equal("second", metadata.GetValue("kEy"));
        Assert.Equal(["first", "second"], metadata.GetAll("key").Select(entry => entry.Value));
        Assert.Equal([1, 2], metadata.GetValueBytes("other-bin"));
        Assert.Null(metadata.Get("absent"));
        Assert.Throws<InvalidOperationException>(() => metadata.GetValue("other-bin"));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("ümlaut")]
    [InlineData("text-bin")]
    public void Keys_that_cannot_travel_are_refused(string key) => Assert.Throws<ArgumentException>(() => new Metadata.Entry(key, "value"));

    [Fact]
    public void Bytes_need_a_key_that_says_so_and_are_copied()
    {
        byte[] bytes = [1];
        var entry = new Metadata.Entry("key-bin", bytes);
        bytes[0] = 2;
        entry.ValueBytes[0] = 3;

        Assert.Equal([1], entry.ValueBytes);
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("key", bytes));
    }

    [Fact]
    public void The_empty_metadata_stays_empty() => Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("key", "value"));
}
