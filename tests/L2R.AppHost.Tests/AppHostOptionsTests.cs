namespace L2R.AppHost.Tests;

public sealed class AppHostOptionsTests
{
    [Fact]
    public void Leaves_to_the_configuration_what_is_not_its_own()
    {
        var options = AppHostOptions.TryParse(["--infrastructure-only", "--Logging:LogLevel:Default=Debug", "--state-dir", "/tmp/x"]);

        Assert.NotNull(options);
        Assert.Equal((true, "/tmp/x"), (options.InfrastructureOnly, options.StateDirectory));
        Assert.Equal(["--Logging:LogLevel:Default=Debug"], options.Rest);
    }

    [Fact]
    public void Refuses_a_state_folder_without_a_name() => Assert.Null(AppHostOptions.TryParse(["--state-dir"]));
}
