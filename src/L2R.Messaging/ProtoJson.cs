using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;

namespace L2R.Messaging;

/// <summary>Lets System.Text.Json, and so MassTransit, read and write protobuf messages as proto3 JSON.</summary>
/// <remarks>
/// Without it a message arrives with every repeated field empty, and nobody is told. Events are read and written by
/// <see cref="ProtoJsonShape"/>; a message with something in it that no event has, by the library.
/// </remarks>
public sealed class ProtoJson : JsonConverterFactory
{
    public override bool CanConvert(System.Type typeToConvert) =>
        typeof(IMessage).IsAssignableFrom(typeToConvert) && typeToConvert is { IsAbstract: false, IsInterface: false };

    public override JsonConverter CreateConverter(System.Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    sealed class Converter<T> : JsonConverter<T>
        where T : IMessage, new()
    {
        // Unknown fields are a newer publisher, not an error.
        static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));
        static readonly ProtoJsonShape? Shape = ProtoJsonShape.Find(new T().Descriptor);

        public override T Read(ref Utf8JsonReader reader, System.Type typeToConvert, JsonSerializerOptions options)
        {
            if (Shape is not null)
            {
                return (T)Shape.Read(ref reader);
            }
            using var document = JsonDocument.ParseValue(ref reader);
            return Parser.Parse<T>(document.RootElement.GetRawText());
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        {
            if (Shape is not null)
            {
                Shape.Write(writer, value);
                return;
            }
            writer.WriteRawValue(JsonFormatter.Default.Format(value), skipInputValidation: true);
        }
    }
}
