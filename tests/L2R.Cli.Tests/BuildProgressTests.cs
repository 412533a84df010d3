namespace L2R.Cli.Tests;

public sealed class BuildProgressTests : IDisposable
{
    readonly TempCheckout _temp = new();

    public BuildProgressTests()
    {
        _temp.Write("host/Host.csproj", """<Project><ItemGroup><ProjectReference Include="../a/A.csproj" /><ProjectReference Include="../b/B.csproj" /></ItemGroup></Project>""");
        _temp.Write("a/A.csproj", """<Project><ItemGroup><ProjectReference Include="../b/B.csproj" /><PackageReference Include="Real" /></ItemGroup></Project>""");
        _temp.Write("b/B.csproj", "<Project />");
        _temp.Write("a/obj/project.assets.json", """{"libraries":{"StandIn/1.0.0":{"type":"project"},"B/1.0.0":{"type":"project"},"Npgsql/9.0.0":{"type":"package"}}}""");
        _temp.Write("All.slnx", """<Solution><Folder Name="/x/"><Project Path="a/A.csproj" /></Folder></Solution>""");
    }

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("host/Host.csproj", new[] { "A", "B", "Host", "StandIn" })]
    [InlineData("All.slnx", new[] { "A", "B", "StandIn" })]
    public void A_build_is_of_all_that_is_referenced_stand_ins_included(string project, string[] names) =>
        Assert.Equal(names, BuildProgress.FindProjects(Path.Combine(_temp.Checkout.Root, project)).Order());

    [Fact]
    public void Says_how_many_are_built_and_keeps_what_else_is_printed()
    {
        var clock = new SteppedClock();
        var progress = new BuildProgress(Path.Combine(_temp.Checkout.Root, "host/Host.csproj"), clock);
        progress.Add("  Determining projects to restore...");
        Assert.Equal("restores packages, 1 s", progress.State.ToString());

        progress.Add("  B -> /x/b/bin/B.dll");
        progress.Add("/x/a/A.cs(1,1): error CS1002: ; expected");
        progress.Add("  StandIn -> /x/s/bin/StandIn.dll");

        Assert.Equal("2 of 4 projects built, the last StandIn, 2 s", progress.State.ToString());
        Assert.Equal(["  Determining projects to restore...", "/x/a/A.cs(1,1): error CS1002: ; expected"], progress.Rest);
    }

    [Theory]
    [InlineData("/x/A.csproj : error NU1101: Unable to find package B. No packages exist with this id in source(s): nuget.org", true)]
    [InlineData("/x/A.csproj : error NU1301: Unable to load the service index", false)]
    public void Tells_a_package_that_the_registry_lacks_from_other_errors(string line, bool lacks)
    {
        var progress = new BuildProgress(Path.Combine(_temp.Checkout.Root, "host/Host.csproj"), new SteppedClock());
        progress.Add(line);

        Assert.Equal(lacks, progress.LacksPackage);
    }

    /// <summary>A second later each time that it is read.</summary>
    sealed class SteppedClock : TimeProvider
    {
        long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds++;
    }
}
