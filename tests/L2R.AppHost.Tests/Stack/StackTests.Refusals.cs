using L2R.AppHost.Tests.Aspire;

namespace L2R.AppHost.Tests.Stack;

/// <remarks>What is kept from others, and what is said where something is missing.</remarks>
public sealed partial class StackTests
{
    [Fact]
    public async Task Keeps_secrets_to_their_owner()
    {
        await using var stack = await StartReadyAsync();

        Assert.Equal(
            [UnixFileMode.UserRead | UnixFileMode.UserWrite, UnixFileMode.UserRead | UnixFileMode.UserWrite],
            new[] { "stack.json", "keys/dev-signing-key.pem" }.Select(file => File.GetUnixFileMode(Path.Combine(_folder, file))));
    }

    [Fact]
    public async Task Says_what_to_install_where_servers_are_missing()
    {
        await using var stack = StackProcess.Start(
            StackProcess.WholeStack, _folder, ["--infrastructure-only"], ("L2R_POSTGRES_BIN", _folder), ("L2R_RABBITMQ_SBIN", _folder));

        var end = await stack.WaitForEndAsync();

        Assert.Equal((69, ""), (end.ExitCode, end.Output));
        Assert.StartsWith(
            "Not installed: PostgreSQL (postgresql), RabbitMQ (rabbitmq-server). On Debian or Ubuntu: "
            + "apt-get install --no-install-recommends postgresql rabbitmq-server. ", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_where_publishing_is_not_possible()
    {
        Assert.SkipUnless(StandIn.IsUsed, "The real packages publish.");
        await using var stack = StackProcess.Start(StackProcess.WholeStack, _folder, ["--operation", "publish"]);

        Assert.Equal(
            new StackEnd(69, "", $"Publishing needs the real Aspire packages, which this package registry does not serve: publish on a machine that reaches them.{Environment.NewLine}"),
            await stack.WaitForEndAsync());
    }
}
