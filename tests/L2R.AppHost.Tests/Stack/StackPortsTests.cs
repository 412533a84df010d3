using System.Net;
using System.Net.Sockets;
using L2R.AppHost.Stack;

namespace L2R.AppHost.Tests.Stack;

public sealed class StackPortsTests : IDisposable
{
    static readonly string[] Endpoints = ["gateway/grpc", "gateway/http", "postgres/tcp"];

    readonly string _folder = Directory.CreateTempSubdirectory("l2r-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_endpoint_has_a_port_of_its_own_and_keeps_it()
    {
        var first = Give();

        Assert.Equal(3, first.Distinct().Count());
        Assert.Equal(first, Give());
    }

    [Fact]
    public void One_that_is_taken_is_replaced_for_good_and_the_others_stay()
    {
        var first = Give();
        int[] second;
        using (var taken = new TcpListener(IPAddress.Loopback, first[1]))
        {
            taken.Start();
            second = Give();
        }

        Assert.Equal((first[0], first[2]), (second[0], second[2]));
        Assert.NotEqual(first[1], second[1]);
        Assert.Equal(second, Give());
    }

    int[] Give()
    {
        var ports = new StackPorts(Path.Combine(_folder, "ports.json"));
        return [.. Endpoints.Select(ports.Of)];
    }
}
