using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using Request = Grpc.Reflection.V1.ServerReflectionRequest.MessageRequestOneofCase;

namespace Grpc.Reflection;

/// <summary>What generated code says of itself, as answers to the questions of the protocol.</summary>
sealed class Contract
{
    readonly string[] _services;
    readonly Dictionary<string, FileDescriptor> _files = [];
    readonly Dictionary<string, FileDescriptor> _symbols = [];

    public Contract(IEnumerable<ServiceDescriptor> serviceDescriptors)
    {
        ArgumentNullException.ThrowIfNull(serviceDescriptors);
        var services = serviceDescriptors.ToArray();
        _services = [.. services.Select(service => service.FullName)];
        foreach (var service in services)
        {
            Add(service.File);
        }
    }

    public ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var answer = new ServerReflectionResponse();
        switch (request.MessageRequestCase)
        {
            case Request.ListServices:
                answer.ListServicesResponse = new ListServiceResponse { Service = { _services.Select(name => new ServiceResponse { Name = name }) } };
                break;
            case Request.FileByFilename when _files.TryGetValue(request.FileByFilename, out var file):
            case Request.FileContainingSymbol when _symbols.TryGetValue(request.FileContainingSymbol, out file):
                answer.FileDescriptorResponse = new FileDescriptorResponse { FileDescriptorProto = { WithImports(file).Select(one => one.SerializedData) } };
                break;
            case Request.FileByFilename:
                answer.ErrorResponse = Error(StatusCode.NotFound, "File not found.");
                break;
            case Request.FileContainingSymbol:
                answer.ErrorResponse = Error(StatusCode.NotFound, "Symbol not found.");
                break;
            default:
                answer.ErrorResponse = Error(StatusCode.Unimplemented, "Request type not supported by C# reflection service.");
                break;
        }
        return answer;
    }

    static ErrorResponse Error(StatusCode code, string message) => new() { ErrorCode = (int)code, ErrorMessage = message };

    static IEnumerable<FileDescriptor> WithImports(FileDescriptor file) =>
        file.Dependencies.SelectMany(WithImports).Prepend(file).DistinctBy(one => one.Name);

    void Add(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
        {
            return;
        }
        foreach (var import in file.Dependencies)
        {
            Add(import);
        }
        foreach (var service in file.Services)
        {
            _symbols[service.FullName] = file;
            foreach (var method in service.Methods)
            {
                _symbols[method.FullName] = file;
            }
        }
        foreach (var message in file.MessageTypes)
        {
            Add(file, message);
        }
        foreach (var type in file.EnumTypes)
        {
            _symbols[type.FullName] = file;
        }
    }

    void Add(FileDescriptor file, MessageDescriptor message)
    {
        _symbols[message.FullName] = file;
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            _symbols[field.FullName] = file;
        }
        foreach (var type in message.EnumTypes)
        {
            _symbols[type.FullName] = file;
        }
        foreach (var nested in message.NestedTypes)
        {
            Add(file, nested);
        }
    }
}
