using System.Security.Cryptography;

namespace L2R.AppHost.Tests;

public sealed class DevSigningKeyTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("l2r-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Is_made_once_and_fits_its_private_part()
    {
        DevSigningKey[] keys = [.. Enumerable.Range(0, 8).AsParallel().Select(_ => DevSigningKey.LoadOrCreate(_folder))];

        using var signer = ECDsa.Create();
        signer.ImportFromPem(File.ReadAllText(Path.Combine(_folder, "keys", "dev-signing-key.pem")));
        Assert.Equal(256, signer.KeySize);
        Assert.All(keys, key => Assert.Equal(signer.ExportSubjectPublicKeyInfoPem(), key.PublicPem));
        Assert.Equal(["dev-signing-key.pem"], Directory.GetFiles(Path.Combine(_folder, "keys")).Select(Path.GetFileName));
    }
}
