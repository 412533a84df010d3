using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Xunit;

namespace L2R.TestSupport;

/// <summary>What holds for every rpc of a service, asked of each that its contract has: one that is added later is asked too.</summary>
/// <param name="channel">To the service.</param>
/// <param name="service">Its contract.</param>
public sealed class EveryRpc(ChannelBase channel, ServiceDescriptor service)
{
    // Field 99, of type string, as a newer contract may have it.
    static readonly byte[] UnknownField = [0x9A, 0x06, 0x01, 0x78];

    // A field that ends before its length says.
    static readonly byte[] Unreadable = [0x0A, 0x7F, 0x01];

    static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);

    /// <summary>
    /// Refuses a call without a token, with one that is not valid, with roles that may not, with a field that the service does not know,
    /// and with what is no message.
    /// </summary>
    /// <param name="role">One that may call every rpc.</param>
    public async Task IsGuardedAsync(string role)
    {
        var calls = new (CallOptions Options, byte[] Request, StatusCode Code, string Reason)[]
        {
            (new(deadline: ServiceProcess.As("acme").Deadline), [], StatusCode.Unauthenticated, "TOKEN_MISSING"),
            (ServiceProcess.With(TestTokens.Expired("acme", role)), [], StatusCode.Unauthenticated, "TOKEN_INVALID"),
            (ServiceProcess.With(TestTokens.Forged("acme", role)), [], StatusCode.Unauthenticated, "TOKEN_INVALID"),
            (ServiceProcess.As("acme", "king"), [], StatusCode.PermissionDenied, "ROLE_MISSING"),
            (ServiceProcess.As("acme", role), UnknownField, StatusCode.InvalidArgument, "FIELDS_UNKNOWN"),
            (ServiceProcess.As("acme", role), Unreadable, StatusCode.InvalidArgument, "MESSAGE_UNREADABLE"),
        };
        var expected = service.Methods.SelectMany(rpc => calls.Select(call => (rpc.Name, call.Code, call.Reason))).ToList();
        var seen = new List<(string, StatusCode, string)>();
        foreach (var rpc in service.Methods)
        {
            foreach (var (options, request, _, _) in calls)
            {
                var error = await FailAsync(rpc, request, options);
                seen.Add((rpc.Name, error.Code, error.Reason));
            }
        }
        Assert.Equal(expected, seen);
    }

    /// <summary>Refuses a <c>request_id</c> that another request had, in every rpc that takes one.</summary>
    /// <param name="requestId">Of a call that succeeded.</param>
    /// <param name="requests">A valid request of each rpc that takes one, under the rpc's name.</param>
    public async Task RefusesAReusedRequestIdAsync(string requestId, CallOptions options, IReadOnlyDictionary<string, IMessage> requests)
    {
        var rpcs = service.Methods.Where(rpc => rpc.InputType.FindFieldByName("request_id") is not null).ToList();
        var seen = await AskAsync(rpcs, options, rpc => With(Clone(requests[rpc.Name]), "request_id", requestId));

        Assert.Equal(rpcs.Select(rpc => (rpc.Name, StatusCode.InvalidArgument, "REQUEST_ID_REUSED")), seen);
    }

    /// <summary>Refuses an etag of another version, and one that never was any, in every rpc that takes one, itself or in its resource.</summary>
    /// <param name="requests">As above.</param>
    public async Task RefusesAStaleEtagAsync(CallOptions options, IReadOnlyDictionary<string, IMessage> requests)
    {
        var rpcs = service.Methods.Where(rpc => requests.TryGetValue(rpc.Name, out var request) && EtagHolder(request) is not null).ToList();
        Assert.NotEmpty(rpcs);
        foreach (var etag in (string[])["99", "never"])
        {
            var seen = await AskAsync(rpcs, options, rpc =>
            {
                var request = Clone(requests[rpc.Name]);
                With(EtagHolder(request)!, "etag", etag);
                return request;
            });

            Assert.Equal(rpcs.Select(rpc => (rpc.Name, StatusCode.Aborted, "ETAG_STALE")), seen);
        }
    }

    /// <summary>Says what is wrong with a request in which everything is, within what every client takes, in every rpc that has fields.</summary>
    /// <param name="role">One that may call every rpc.</param>
    public async Task KeepsItsErrorsSmallAsync(string role)
    {
        var rpcs = service.Methods.Where(rpc => rpc.InputType.Fields.InDeclarationOrder().Count > 0).ToList();
        var seen = new List<(string, bool)>();
        foreach (var rpc in rpcs)
        {
            var error = await FailAsync(rpc, WorstRequest.Of(rpc.InputType).ToByteArray(), ServiceProcess.As("acme", role));
            seen.Add((rpc.Name, error is { Code: StatusCode.InvalidArgument or StatusCode.NotFound, Reason.Length: > 0, SentBytes: <= SeenError.MostBytes }));
        }
        Assert.Equal(rpcs.Select(rpc => (rpc.Name, true)), seen);
    }

    async Task<List<(string, StatusCode, string)>> AskAsync(List<MethodDescriptor> rpcs, CallOptions options, Func<MethodDescriptor, IMessage> request)
    {
        var seen = new List<(string, StatusCode, string)>();
        foreach (var rpc in rpcs)
        {
            var error = await FailAsync(rpc, request(rpc).ToByteArray(), options);
            seen.Add((rpc.Name, error.Code, error.Reason));
        }
        return seen;
    }

    async Task<SeenError> FailAsync(MethodDescriptor rpc, byte[] request, CallOptions options)
    {
        var method = new Method<byte[], byte[]>(
            rpc.IsClientStreaming ? MethodType.DuplexStreaming : MethodType.Unary, service.FullName, rpc.Name, Bytes, Bytes);
        var invoker = channel.CreateCallInvoker();
        if (!rpc.IsClientStreaming)
        {
            return await GrpcAssert.FailsAsync(invoker.AsyncUnaryCall(method, host: null, options, request));
        }
        using var call = invoker.AsyncDuplexStreamingCall(method, host: null, options);
        // A call that is refused before its first message may be over before that is written.
        await call.RequestStream.WriteAsync(request).ContinueWith(_ => { }, TaskScheduler.Default);
        return GrpcAssert.Read(await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)));
    }

    static IMessage? EtagHolder(IMessage request) =>
        request.Descriptor.FindFieldByName("etag") is not null
            ? request
            : request.Descriptor.FindFieldByName("request_id") is null
                ? null
                : request.Descriptor.Fields.InDeclarationOrder()
                    .Where(field => field.FieldType == FieldType.Message && !field.IsRepeated)
                    .Select(field => field.Accessor.GetValue(request) as IMessage)
                    // A resource that is to be made has no etag yet, and no name.
                    .FirstOrDefault(part => part?.Descriptor.FindFieldByName("etag") is not null && part.Descriptor.FindFieldByName("name")?.Accessor.GetValue(part) is not "");

    static IMessage With(IMessage message, string field, string value)
    {
        message.Descriptor.FindFieldByName(field).Accessor.SetValue(message, value);
        return message;
    }

    static IMessage Clone(IMessage message) => message.Descriptor.Parser.ParseFrom(message.ToByteArray());
}
