namespace L2R.Cli.Tests;

/// <summary>With the buf of tests/node, which <c>l2r test</c> installs.</summary>
public sealed class ReleasedContractsTests : IDisposable
{
    const string Proto = """
        syntax = "proto3";
        package shop.v1;
        message Order {
          string name = 1;
          int32 count = 2;
        }
        """;

    readonly TempCheckout _temp = new();

    public ReleasedContractsTests()
    {
        _temp.Write("protos/buf.yaml", "version: v2\nbreaking:\n  use: [FILE]\n");
        _temp.Write("protos/shop/v1/order.proto", Proto);
        Directory.CreateDirectory(Path.Combine(_temp.Checkout.Root, "tests"));
        Directory.CreateSymbolicLink(_temp.Checkout.NodeFolder, Checkout.Find().NodeFolder);
    }

    public void Dispose() => _temp.Dispose();

    byte[] Released() => File.ReadAllBytes(Path.Combine(_temp.Checkout.Root, "protos/contracts.binpb"));

    [Fact]
    public async Task What_is_released_once_is_not_released_again_until_it_grows()
    {
        Assert.Equal(ExitCodes.Done, await _temp.RunAsync("release-contracts"));
        var first = Released();

        _temp.Write("protos/shop/v1/order.proto", Proto.Replace("  int32 count", "  // How many.\n  int32 count", StringComparison.Ordinal));
        Assert.Equal(ExitCodes.Done, await _temp.RunAsync("release-contracts"));
        Assert.Equal(first, Released());

        _temp.Write("protos/shop/v1/order.proto", Proto.Replace("int32 count = 2;", "int32 count = 2;\n  string note = 3;", StringComparison.Ordinal));
        Assert.Equal(ExitCodes.Done, await _temp.RunAsync("release-contracts"));
        Assert.NotEqual(first, Released());

        Assert.Equal(
            ["protos/contracts.binpb is renewed: commit it with the protos", "nothing new: these contracts are released", "protos/contracts.binpb is renewed: commit it with the protos"],
            _temp.Output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("  int32 count = 2;\n", "")]
    [InlineData("int32 count = 2;", "int64 count = 2;")]
    [InlineData("int32 count = 2;", "int32 count = 3;")]
    [InlineData("int32 count = 2;", "int32 number = 2;")]
    public async Task What_breaks_callers_is_refused_and_what_was_released_stays(string was, string becomes)
    {
        await _temp.RunAsync("release-contracts");
        var first = Released();
        _temp.Write("protos/shop/v1/order.proto", Proto.Replace(was, becomes, StringComparison.Ordinal));

        Assert.Equal(ExitCodes.Failed, await _temp.RunAsync("release-contracts"));

        Assert.Equal(first, Released());
        Assert.Contains("would break callers", _temp.Errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("order.proto", _temp.Errors.ToString(), StringComparison.Ordinal);
    }
}
