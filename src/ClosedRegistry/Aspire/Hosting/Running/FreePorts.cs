using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Aspire.Hosting.Running;

/// <summary>Gives out ports of the loopback interface that nobody else is given before their process listens.</summary>
/// <remarks>
/// A port that is free now may be another's by the time that its process has started: of two stacks that start together one in
/// twenty-five met so. Whoever listens on the first port of a block, for as long as it lives, alone gives out the others.
/// </remarks>
static class FreePorts
{
    // Below the range that the kernel gives to outgoing connections: none of those then takes a port before its process has started.
    const int First = 10_000;
    const int Blocks = 200;
    const int BlockSize = 50;

    static readonly Lock Turn = new();
    static readonly List<TcpListener> Claims = []; // rooted here, so that they stay open
    static int Given; // the last port looked at

    public static int Take()
    {
        lock (Turn)
        {
            while (true)
            {
                if (Claims.Count == 0 || (Given + 1) % BlockSize == 0)
                {
                    ClaimBlock();
                }
                if (TryListen(++Given) is { } listener)
                {
                    listener.Dispose();
                    return Given;
                }
            }
        }
    }

    static void ClaimBlock()
    {
        var start = RandomNumberGenerator.GetInt32(Blocks);
        for (var tried = 0; tried < Blocks; tried++)
        {
            Given = First + ((start + tried) % Blocks * BlockSize);
            if (TryListen(Given) is { } listener)
            {
                Claims.Add(listener);
                return;
            }
        }
        throw new DistributedApplicationException($"No port is free from {First} to {First + (Blocks * BlockSize) - 1}.");
    }

    static TcpListener? TryListen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            listener.Dispose();
            return null;
        }
    }
}
