using Grpc.Core;
using L2R.TestSupport;

namespace L2R.ServiceDefaults.Tests;

/// <summary>Errors are small, whatever they are made of, and say what they left out.</summary>
public sealed class ErrorSizeTests
{
    [Fact]
    public void Tells_as_many_wrong_fields_as_there_is_room_for_and_how_many_there_are()
    {
        List<FieldProblem> problems = [.. Enumerable.Range(0, 150).Select(i => new FieldProblem($"curve_times[{i}]", "must be from 0 to 3650 days"))];

        var error = GrpcAssert.Read(Assert.Throws<RpcException>(() => problems.ThrowIfAny("test.l2r")));

        Assert.Equal(problems.Take(error.Violations.Count), error.Violations);
        Assert.InRange(error.Violations.Count, 20, 149);
        Assert.Equal("150", error.Metadata["violation_count"]);
        Assert.StartsWith("One or more fields are invalid: curve_times[0] must be from 0 to 3650 days; curve_times[1] must be", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("; and 132 more.", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.SentBytes, 1, SeenError.MostBytes);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("%")]
    [InlineData("€")]
    [InlineData("😀")]
    public void Stays_small_with_texts_of_any_length(string character)
    {
        var text = string.Concat(Enumerable.Repeat(character, 100_000));
        List<FieldProblem> problems = [new(text, text), new("b", text)];

        var fields = GrpcAssert.Read(Assert.Throws<RpcException>(() => problems.ThrowIfAny("test.l2r")));
        var other = GrpcAssert.Read(ApiErrors.Create(StatusCode.NotFound, "test.l2r", "NOTHING_FOUND", text, ("name", text), ("other", text), ("third", text)));
        var missing = GrpcAssert.Read(ApiErrors.NotFound("test.l2r", "NOTHING_FOUND", text));

        Assert.All([fields, other, missing], error => Assert.InRange(error.SentBytes, 1, SeenError.MostBytes));
        Assert.NotEmpty(fields.Violations);
        Assert.EndsWith("...' does not exist.", missing.Message, StringComparison.Ordinal);
        Assert.StartsWith(character + character, other.Metadata["third"], StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_an_error_that_fits_as_it_is()
    {
        List<FieldProblem> problems = [new("lead.source", "must be at most 200 characters, and has 201"), new("lead.campaign", FieldProblem.Required)];

        var error = GrpcAssert.Read(Assert.Throws<RpcException>(() => problems.ThrowIfAny("test.l2r")));

        Assert.Equal("One or more fields are invalid: lead.source must be at most 200 characters, and has 201; lead.campaign is required.", error.Message);
        Assert.Equal(problems, error.Violations);
    }

    [Fact]
    public void Echoes_the_beginning_of_what_is_long() =>
        Assert.Equal(("leads/1", new string('x', 61) + "..."), ("leads/1".Echo(), new string('x', 65).Echo()));
}
