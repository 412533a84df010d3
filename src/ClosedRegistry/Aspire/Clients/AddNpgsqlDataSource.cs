using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
namespace Aspire.Npgsql { public sealed class NpgsqlSettings { public string? ConnectionString { get; set; } } }
namespace Microsoft.Extensions.Hosting
{
    public static class AspirePostgreSqlNpgsqlExtensions
    {
        public static void AddNpgsqlDataSource(this IHostApplicationBuilder builder, string connectionName, Action<Aspire.Npgsql.NpgsqlSettings>? configureSettings = null)
        {
            var s = new Aspire.Npgsql.NpgsqlSettings { ConnectionString = builder.Configuration.GetConnectionString(connectionName) };
            configureSettings?.Invoke(s);
            builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(s.ConnectionString!));
        }
    }
}
