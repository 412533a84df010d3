using System.Globalization;
using System.Net;
using System.Net.Sockets;
using L2R.AppHost.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace L2R.AppHost.Local;

static class LocalRabbitMQ
{
    const string User = "l2r";

    public static IResourceBuilder<LocalServer> AddLocalRabbitMQ(
        this IDistributedApplicationBuilder builder, LocalSoftware software, DataFolder folder, LocalSecrets secrets, StackPorts ports)
    {
        var home = folder.RabbitMQ;
        var port = ports.Of("rabbitmq/tcp");
        var epmdPort = ports.Of("epmd/tcp");
        var distributionPort = ports.Of("rabbitmq/distribution");
        WriteConfiguration(home, secrets);

        // RabbitMQ would start epmd by itself, as a daemon that outlives it. As a resource it ends with the rest.
        builder.Services.AddHealthChecks().Add(new("epmd_check", new PortCheck(epmdPort, question: [0, 1, (byte)'n']), null, null));
        var epmd = builder.AddExecutable("epmd", software.Epmd, home, "-port", Text(epmdPort), "-address", "127.0.0.1")
            .WithEndpoint(port: epmdPort, targetPort: epmdPort, scheme: "tcp", name: "tcp", isProxied: false)
            .WithHealthCheck("epmd_check");

        // AMQP opens last in the boot, so an open port is a broker that is ready.
        builder.Services.AddHealthChecks().Add(new("rabbitmq_check", new PortCheck(port), null, null));
        var connectionString = $"amqp://{User}:{secrets.RabbitPassword}@127.0.0.1:{port}";
        return builder.AddResource(new LocalServer("rabbitmq", "flock", home, connectionString))
            .WithArgs("--no-fork", "--wait", "60", Path.Combine(home, "lock"), software.RabbitServer)
            .WithEnvironment(context =>
            {
                foreach (var (name, value) in Settings(home, folder.Id, port, epmdPort, distributionPort))
                {
                    context.EnvironmentVariables[name] = value;
                }
            })
            .WithEndpoint(port: port, targetPort: port, scheme: "tcp", name: "tcp", isProxied: false)
            .WithHealthCheck("rabbitmq_check")
            .WaitFor(epmd, WaitBehavior.WaitOnResourceUnavailable);
    }

    static Dictionary<string, string> Settings(string home, string id, int port, int epmdPort, int distributionPort) => new()
    {
        ["HOME"] = home, // holds .erlang.cookie
        ["ERL_EPMD_PORT"] = Text(epmdPort),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODENAME"] = $"l2r-{id}@localhost", // the data folder of the node carries this name; a host that does not resolve would hang it
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODE_PORT"] = Text(port),
        ["RABBITMQ_DIST_PORT"] = Text(distributionPort),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(home, "mnesia"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(home, "log"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(home, "enabled_plugins"),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(home, "rabbitmq"),
        ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(home, "none"), // not the system's
        ["RABBITMQ_PID_FILE"] = Path.Combine(home, "pid"),
        ["RABBITMQ_GENERATED_CONFIG_DIR"] = Path.Combine(home, "generated"),
        ["RUNNING_UNDER_SYSTEMD"] = "true", // the start script then becomes the node, instead of a shell that waits for it
    };

    static void WriteConfiguration(string home, LocalSecrets secrets)
    {
        PrivateFile.Write(Path.Combine(home, "rabbitmq.conf"), $"""
            default_user = {User}
            default_pass = {secrets.RabbitPassword}
            log.console = true
            log.console.formatter.level_format = lc4
            log.file = false
            disk_free_limit.absolute = 200MB

            """);
        File.WriteAllText(Path.Combine(home, "enabled_plugins"), "[].\n");
        // Erlang refuses a cookie that others could read.
        PrivateFile.Write(Path.Combine(home, ".erlang.cookie"), secrets.ErlangCookie, UnixFileMode.UserRead);
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <param name="question">Asked of a server that would log an empty connection as an error. One byte of answer is enough.</param>
    sealed class PortCheck(int port, byte[]? question = null) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                if (question is not null)
                {
                    await socket.GetStream().WriteAsync(question, cancellationToken);
                    await socket.GetStream().ReadExactlyAsync(new byte[1], cancellationToken);
                }
                return HealthCheckResult.Healthy();
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                return new(context.Registration.FailureStatus, exception.Message);
            }
        }
    }
}
