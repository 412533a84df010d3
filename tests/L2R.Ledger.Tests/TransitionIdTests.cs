using L2R.Ledger.Domain;
using Xunit;

namespace L2R.Ledger.Tests;

/// <summary>The expected ids were made with Python's hashlib: stored ids depend on them.</summary>
public sealed class TransitionIdTests
{
    [Theory]
    [InlineData("acme", "loans", "173688", 0, "a0a4ca07-fc62-80c5-a0e0-83369785ad48")]
    [InlineData("acme", "loans", "173688", 1, "0ba9e163-ed62-8642-8f36-2e74fe8b1628")]
    [InlineData("ac", "meloans", "173688", 0, "ebfe3fbf-4466-85c9-ae65-6b8fdaf4461c")]
    [InlineData("größe", "crm", "ключ/7", -1, "32bde838-95e3-8feb-b893-a9efc05a86e4")]
    [InlineData("", "", "", 0, "9c8017cd-01ca-8488-806c-06e93118b7cc")]
    public void A_row_has_the_id_that_its_keys_give(string tenant, string source, string sourceKey, long sourceSeq, string id) =>
        Assert.Equal(Guid.Parse(id), TransitionId.Create(tenant, source, sourceKey, sourceSeq));

    [Fact]
    public void A_key_may_be_long() =>
        Assert.Equal(Guid.Parse("54250b4e-7f24-80f1-93ac-5870bf253247"), TransitionId.Create("acme", "crm", new string('é', 1500), 7));

    [Fact]
    public void A_lead_and_its_journey_of_the_same_key_have_ids_of_their_own()
    {
        Assert.Equal(Guid.Parse("b7322e7e-9711-8090-b717-7ab432184965"), TransitionId.OfLead("acme", "loans", "173688"));
        Assert.Equal(Guid.Parse("1a02bd8a-1be5-8d0c-860d-d2bc6af1fbc5"), TransitionId.OfJourney("acme", "loans", "173688"));
    }

    [Fact]
    public void A_touch_has_an_id_of_its_own() =>
        Assert.Equal(Guid.Parse("5c067ca5-ab8b-8ce6-a5c2-f2cb086790c6"), TransitionId.OfTouchpoint("acme", "loans", "173688", 1));

    [Fact]
    public void A_key_that_an_owner_takes_over_has_an_id_of_that_owner() =>
        Assert.Equal(
            Guid.Parse("9321bdc3-cc05-898d-9aa0-0b6a1a437534"),
            TransitionId.OfTakeOver(Guid.Parse("a0a4ca07-fc62-80c5-a0e0-83369785ad48"), Owner.Handoff, Guid.Parse("00000000-0000-0000-0000-000000000001")));

    [Fact]
    public void Ids_are_UUIDs_of_version_8()
    {
        for (var seq = 0L; seq < 100; seq++)
        {
            var id = TransitionId.Create("acme", "loans", "173688", seq);
            Assert.Equal(8, id.Version);
            Assert.InRange(id.Variant, 8, 11);
        }
    }
}
