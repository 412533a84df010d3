using System.Net;
using System.Net.Sockets;

namespace L2R.AppHost.Local;

static class FreePort
{
    // Below the range that the kernel gives to outgoing connections, so that none of those takes the port before its server does.
    const int First = 20_000;
    const int Last = 31_999;
    const int Tries = 200;

    /// <summary>A port of the loopback interface on which nobody listens now.</summary>
    public static int Find()
    {
        for (var i = 0; i < Tries; i++)
        {
            var port = System.Security.Cryptography.RandomNumberGenerator.GetInt32(First, Last + 1);
            if (IsFree(port))
            {
                return port;
            }
        }
        throw new InvalidOperationException($"Found no free port between {First} and {Last} in {Tries} tries.");
    }

    /// <summary>Whether nobody listens on a port of the loopback interface now.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }
}
