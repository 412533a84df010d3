using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;

namespace L2R.Messaging;

/// <summary>Lets System.Text.Json, and so MassTransit, read and write protobuf messages as proto3 JSON.</summary>
/// <remarks>Without it a message arrives with every repeated field empty, and nobody is told.</remarks>
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

        public override T Read(ref Utf8JsonReader reader, System.Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return Parser.Parse<T>(document.RootElement.GetRawText());
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteRawValue(JsonFormatter.Default.Format(value), skipInputValidation: true);
    }
}
