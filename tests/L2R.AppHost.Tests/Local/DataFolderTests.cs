using L2R.AppHost.Local;

namespace L2R.AppHost.Tests.Local;

/// <summary>Where data go that PostgreSQL's user could not reach in the checkout.</summary>
public sealed class DataFolderTests : IDisposable
{
    readonly string _var = Directory.CreateTempSubdirectory("l2r-var-").FullName;

    public void Dispose() => Directory.Delete(_var, recursive: true);

    // ./l2r reset looks for them there: L2R.Cli.Tests/StackFolderTests.cs has the same name.
    [Fact]
    public void No_cleaner_of_temporary_files_comes_by() =>
        Assert.Equal("/var/lib/l2r-b8a70e7f46", DataFolder.FindFar(DataFolder.IdOf("/root/l2r/artifacts/run")));

    [Fact]
    public void Data_of_an_earlier_version_stay_where_they_are()
    {
        var earlier = Directory.CreateDirectory(Path.Combine(_var, "tmp", "l2r-17")).FullName;

        Assert.Equal(earlier, DataFolder.FindFar("17", _var));
        Assert.Equal(Path.Combine(_var, "lib", "l2r-18"), DataFolder.FindFar("18", _var));
    }
}
