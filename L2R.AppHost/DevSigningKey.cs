using System.Security.Cryptography;
using L2R.AppHost.Stack;

namespace L2R.AppHost;

/// <summary>Signs tokens on a developer's machine, in place of an identity provider. Never in the repository.</summary>
/// <param name="PublicPem">What services check tokens with.</param>
sealed record DevSigningKey(string PublicPem)
{
    public const string Issuer = "l2r-dev";
    public const string Audience = "l2r";

    /// <summary>The key of this checkout, made where there is none: ECDSA on P-256, readable by its owner alone.</summary>
    public static DevSigningKey LoadOrCreate(string artifactsDirectory)
    {
        var folder = Path.Combine(artifactsDirectory, "keys");
        var path = Path.Combine(folder, "dev-signing-key.pem");
        Directory.CreateDirectory(folder);
        if (!File.Exists(path))
        {
            using var created = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            PrivateFile.WriteOnce(path, created.ExportPkcs8PrivateKeyPem());
        }
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(path));
        return new(key.ExportSubjectPublicKeyInfoPem());
    }
}
