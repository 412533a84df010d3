using L2R.Intake.Domain;

namespace L2R.Intake.Tests.Domain;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("ada@example.com", "ada@example.com")]
    [InlineData("  Ada.Lovelace@Example.COM ", "ada.lovelace@example.com")]
    public void Compares_trimmed_and_in_lower_case(string given, string normalised) =>
        Assert.Equal(normalised, EmailAddress.TryParse(given)?.Value);

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("@example.com")]
    [InlineData("ada@")]
    [InlineData("ada@localhost")]
    [InlineData("a@b@example.com")]
    [InlineData("ada lovelace@example.com")]
    public void Refuses_what_cannot_be_an_address(string given) => Assert.Null(EmailAddress.TryParse(given));

    [Theory]
    [InlineData(254, true)]
    [InlineData(255, false)]
    public void Is_at_most_254_characters(int length, bool accepted) =>
        Assert.Equal(accepted, EmailAddress.TryParse(new string('a', length - "@example.com".Length) + "@example.com") is not null);
}
