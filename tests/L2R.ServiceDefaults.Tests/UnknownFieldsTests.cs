using Google.Protobuf;
using Google.Protobuf.Reflection;
using L2R.Intake.V1;
using L2R.Ledger.V1;
using L2R.Opportunity.V1;
using L2R.Scoring.V1;
using L2R.Type.V1;

namespace L2R.ServiceDefaults.Tests;

/// <summary>What a caller of a newer contract says is not lost, however deep it says it.</summary>
public sealed class UnknownFieldsTests
{
    static readonly ByteString NewerField = ByteString.CopyFrom(0xF8, 0x3F, 0x01); // field 1023 = 1

    [Fact]
    public void They_are_found_at_the_top_in_a_message_and_in_each_of_a_list()
    {
        var newer = ImportedTransition.Parser.ParseFrom(NewerField);
        var newerMoney = new ImportedTransition { Amount = Money.Parser.ParseFrom(NewerField) };

        Assert.Equal(
            [false, false, true, true, true],
            new IMessage[]
            {
                new ImportTransitionsRequest(),
                new ImportTransitionsRequest { Transitions = { new ImportedTransition { SourceKey = "k", Amount = new Money { Units = 1 } } } },
                ImportTransitionsRequest.Parser.ParseFrom(NewerField),
                new ImportTransitionsRequest { Transitions = { new ImportedTransition(), newer } },
                new ImportTransitionsRequest { Transitions = { newerMoney } },
            }.Select(UnknownFields.Has));
    }

    // A message whose code keeps them elsewhere would let them pass, or fail on every call.
    [Fact]
    public void Every_message_of_the_contracts_can_be_asked()
    {
        FileDescriptor[] services = [IntakeServiceReflection.Descriptor, ScoringServiceReflection.Descriptor, OpportunityServiceReflection.Descriptor];
        foreach (var message in services.SelectMany(file => file.Dependencies.Append(file)).SelectMany(file => file.MessageTypes))
        {
            Assert.False(UnknownFields.Has(message.Parser.ParseFrom(ByteString.Empty)), message.FullName);
            Assert.True(message.ClrType.Namespace!.StartsWith("Google", StringComparison.Ordinal) || UnknownFields.Has(message.Parser.ParseFrom(NewerField)), message.FullName);
        }
    }
}
