using System.Collections;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using L2R.Intake.V1;
using L2R.Ledger.V1;

namespace L2R.Messaging.Tests;

/// <summary>Holds our proto3 JSON against the library's.</summary>
public sealed class ProtoJsonTests
{
    const int Rounds = 200;

    static readonly JsonSerializerOptions Options = new() { Converters = { new ProtoJson() } };
    static readonly JsonParser Library = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>Every event's type, found as the services name them.</summary>
    public static TheoryData<string> Events =>
        [.. EventFiles().SelectMany(file => file.MessageTypes).Select(type => type.ClrType.AssemblyQualifiedName!)];

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_reads_as_the_library_wrote_it_and_the_library_reads_what_we_wrote(string type)
    {
        var descriptor = Describe(type);
        var random = new Random(7);
        for (var round = 0; round < Rounds; round++)
        {
            var message = Make(descriptor, random);
            var ours = JsonSerializer.Serialize(message, message.GetType(), Options);
            Assert.Equal(message, Library.Parse(ours, descriptor));
            Assert.Equal(message, JsonSerializer.Deserialize(JsonFormatter.Default.Format(message), message.GetType(), Options));
            Assert.Equal(message, JsonSerializer.Deserialize(ours, message.GetType(), Options));
        }
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void No_event_has_a_kind_of_field_that_only_the_library_knows(string type) =>
        Assert.NotNull(ProtoJsonShape.Find(Describe(type)));

    [Fact]
    public void What_only_the_library_knows_goes_through_it()
    {
        var request = new UpdateLeadRequest { RequestId = "r-1", UpdateMask = new FieldMask { Paths = { "profile.segment" } } };

        Assert.Null(ProtoJsonShape.Find(UpdateLeadRequest.Descriptor));
        Assert.Equal(request, JsonSerializer.Deserialize<UpdateLeadRequest>(JsonSerializer.Serialize(request, Options), Options));
    }

    [Theory]
    [InlineData("""{ "tenant": "acme", "isNew": { "changes": [1, "]"] }, "changes": [{ "sourceSeq": "3" }] }""")] // a field of a newer publisher
    [InlineData("""{ "changes": [{ "source_seq": 3 }], "tenant": "acme", "eventId": null }""")] // proto names, a number, null, another order
    [InlineData("""{ "tenant": "\u0061cme", "changes": [{ "to": "STAGE_OF_TOMORROW", "sourceSeq": "3" }] }""")] // an enum's value of a newer publisher
    public void It_reads_what_a_publisher_may_send(string json) => Assert.Equal(
        new StagesChanged { Tenant = "acme", Changes = { new StageChanged { SourceSeq = 3 } } },
        JsonSerializer.Deserialize<StagesChanged>(json, Options));

    [Theory]
    [InlineData("2026-01-31T12:00:00Z", 1769860800, 0)]
    [InlineData("2026-01-31T12:00:00.5Z", 1769860800, 500_000_000)]
    [InlineData("2026-01-31T12:00:00.123456789Z", 1769860800, 123_456_789)]
    [InlineData("2026-01-31T13:00:00.000001+01:00", 1769860800, 1_000)]
    [InlineData("1969-12-31T23:59:59.9Z", -1, 900_000_000)]
    public void An_instant_keeps_its_nanoseconds(string text, long seconds, int nanos) => Assert.Equal(
        new Timestamp { Seconds = seconds, Nanos = nanos },
        JsonSerializer.Deserialize<StageChanged>($$"""{ "occurTime": "{{text}}" }""", Options)!.OccurTime);

    [Theory]
    [InlineData("""{ "changes": {} }""")]
    [InlineData("""{ "changes": [1] }""")]
    [InlineData("""{ "tenant": 1 }""")]
    [InlineData("""{ "changes": [{ "dimensions": { "custom": [] } }] }""")]
    [InlineData("""{ "changes": [{ "dimensions": { "custom": { "plan": null } } }] }""")]
    [InlineData("""{ "tenant": "acme" """)]
    [InlineData("""{ "eventTime": "yesterday" }""")]
    [InlineData("[]")]
    public void What_is_not_such_a_message_is_refused(string json) =>
        Assert.ThrowsAny<Exception>(() => JsonSerializer.Deserialize<StagesChanged>(json, Options));

    static IEnumerable<FileDescriptor> EventFiles() => typeof(StagesChanged).Assembly.GetTypes()
        .Where(type => type.Name.EndsWith("EventsReflection", StringComparison.Ordinal))
        .Select(type => (FileDescriptor)type.GetProperty("Descriptor")!.GetValue(null)!);

    static MessageDescriptor Describe(string type) => ((IMessage)Activator.CreateInstance(System.Type.GetType(type)!)!).Descriptor;

    static IMessage Make(MessageDescriptor descriptor, Random random)
    {
        var message = (IMessage)Activator.CreateInstance(descriptor.ClrType)!;
        if (message is Timestamp instant)
        {
            instant.Seconds = random.NextInt64(-62_135_596_800, 253_402_300_800);
            instant.Nanos = random.Next(4) switch { 0 => 0, 1 => random.Next(1_000) * 1_000_000, 2 => random.Next(1_000_000) * 1_000, _ => random.Next(1_000_000_000) };
            return message;
        }
        foreach (var field in descriptor.Fields.InDeclarationOrder().Where(_ => random.Next(4) > 0))
        {
            if (field.IsMap)
            {
                var map = (IDictionary)field.Accessor.GetValue(message);
                for (var count = random.Next(4); count > 0; count--)
                {
                    map[Value(field.MessageType.FindFieldByNumber(1), random)] = Value(field.MessageType.FindFieldByNumber(2), random);
                }
                continue;
            }
            if (!field.IsRepeated)
            {
                field.Accessor.SetValue(message, Value(field, random));
                continue;
            }
            var values = (IList)field.Accessor.GetValue(message);
            for (var count = random.Next(4); count > 0; count--)
            {
                values.Add(Value(field, random));
            }
        }
        return message;
    }

    static object Value(FieldDescriptor field, Random random) => field.FieldType switch
    {
        FieldType.String => random.Next(5) switch { 0 => "", 1 => "Zoë \"<&>\\ 你好 👍\n\u2028", _ => Guid.NewGuid().ToString() },
        FieldType.Bool => random.Next(2) == 1,
        FieldType.Int32 => random.Next(3) switch { 0 => 0, 1 => int.MinValue, _ => random.Next() },
        FieldType.Int64 => random.Next(3) switch { 0 => 0L, 1 => long.MinValue, _ => random.NextInt64() },
        FieldType.Double => random.Next(5) switch { 0 => 0d, 1 => -0d, 2 => double.NegativeInfinity, 3 => double.NaN, _ => random.NextDouble() * 1e300 },
        FieldType.Enum => random.Next(5) == 0 ? 77 : field.EnumType.Values[random.Next(field.EnumType.Values.Count)].Number,
        FieldType.Message => Make(field.MessageType, random),
        _ => throw new NotSupportedException($"{field.FullName} is of a kind that no event had: ProtoJsonShape and this test don't know it"),
    };
}
