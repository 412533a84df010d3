using System.Security.Cryptography;
using System.Text.Json;
using L2R.AppHost.Stack;

namespace L2R.AppHost.Local;

/// <summary>The passwords of one data folder. They live as long as it does, because the servers remember them.</summary>
sealed record LocalSecrets(string PostgresPassword, string RabbitPassword, string ErlangCookie)
{
    public static LocalSecrets LoadOrCreate(string path)
    {
        if (File.Exists(path))
        {
            return JsonSerializer.Deserialize<LocalSecrets>(File.ReadAllText(path))
                ?? throw new InvalidOperationException($"{path} is empty. Delete the data folder to start anew.");
        }
        var secrets = new LocalSecrets(Draw(), Draw(), Draw());
        PrivateFile.Write(path, JsonSerializer.Serialize(secrets));
        return secrets;
    }

    // Hexadecimal: needs no escaping in a URI, a connection string or a configuration file.
    static string Draw() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
